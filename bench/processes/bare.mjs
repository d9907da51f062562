/** The floor: a loop in the process, which knows nothing any more once the process has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { classifyCallStatus } from '../../dist/contract/index.js';
import { PolyAiClient } from '../../dist/polyai/index.js';
import { jittered } from './jittered.mjs';
import { serve } from './serve.mjs';

const { POLYAI_BASE_URL: baseUrl = '', POLYAI_AUTH_TOKEN: token = '', BENCH_INTERVAL_MS } = process.env;
const polyAi = new PolyAiClient({ baseUrl, token });
/** @type {Map<string, Promise<unknown>>} */
const results = new Map();

serve({
  /** @param {string} callSid */
  begin(callSid) {
    const result = poll(callSid);
    result.catch(() => undefined);
    results.set(callSid, result);
  },
  /** @param {string} callSid */
  async result(callSid) {
    const result = await results.get(callSid);
    results.delete(callSid);
    return result;
  },
});

/** @param {string} callSid */
async function poll(callSid) {
  for (;;) {
    const { status } = await polyAi.getCallStatus(callSid);
    if (classifyCallStatus(status).kind === 'terminal') return status;
    await sleep(jittered(Number(BENCH_INTERVAL_MS)));
  }
}
