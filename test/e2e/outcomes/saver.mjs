/**
 * A process that opens a store and saves outcomes, as a worker does: `node saver.mjs <url> <job>`. The job is JSON:
 * `{ outcomes, startAt, paceMs, retry }`. Prints what the store answered, as JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openOutcomeStore } from 'temporal-polyai/outcomes';

const [url, job] = process.argv.slice(2);
const { outcomes, startAt = 0, paceMs = 0, retry = false } = JSON.parse(job);

await sleep(Math.max(0, startAt - Date.now()));
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
