/**
 * A process that opens a store and saves outcomes, as a worker does: `node saver.mjs <url> <job>`. The job is JSON:
 * `{ outcomes, waits, paceMs, retry }`. Prints what the store answered, as JSON. One that `waits` prints `ready` when it could open
 * the store, and does so at the end of its stdin.
 */
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOutcomeStore } from 'temporal-polyai/outcomes';

const [url, job] = process.argv.slice(2);
const { outcomes, waits = false, paceMs = 0, retry = false } = JSON.parse(job);

if (waits) {
  console.log('ready');
  await text(process.stdin);
}
const store = await openOutcomeStore(url);
const saves = [];
let failures = 0;
for (const outcome of outcomes) {
  saves.push(save(outcome));
  if (paceMs > 0) await sleep(paceMs);
}
const answers = await Promise.all(saves);
await store.close();
console.log(JSON.stringify({ answers, failures }));

async function save(outcome) {
  for (;;) {
    try {
      return await store.save(outcome);
    } catch (error) {
      if (!retry) throw error;
      failures += 1;
      await sleep(100);
    }
  }
}
