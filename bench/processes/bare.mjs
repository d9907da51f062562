/** The floor: a loop in the process, which knows nothing any more once the process has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { classifyCallStatus } from '../../dist/contract/index.js';
import { PolyAiClient } from '../../dist/polyai/index.js';
import { jittered } from './jittered.mjs';
import { keptResults } from './kept-results.mjs';
import { serve } from './serve.mjs';

const { POLYAI_BASE_URL: baseUrl = '', POLYAI_AUTH_TOKEN: token = '', BENCH_INTERVAL_MS } = process.env;
const polyAi = new PolyAiClient({ baseUrl, token });
const results = keptResults();

serve({
  /** @param {string} callSid */
  begin(callSid) {
    results.keep(callSid, poll(callSid));
  },
  result: results.take,
});

/** @param {string} callSid */
async function poll(callSid) {
  for (;;) {
    const { status } = await polyAi.getCallStatus(callSid);
    if (classifyCallStatus(status).kind === 'terminal') return status;
    await sleep(jittered(Number(BENCH_INTERVAL_MS)));
  }
}
