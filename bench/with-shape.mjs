import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkChild } from './child.mjs';

const READY_TIMEOUT_MS = 60_000;

/**
 * @typedef {object} Running
 * @property {import('./shapes/shape.mjs').RunningShape} shape
 * @property {import('./child.mjs').Child} simulator
 * @property {(callSid: string) => Promise<unknown>} addEndedCall
 */

/**
 * Starts a shape on an empty server of its own with a simulated API of its own, waits until it has monitored one call,
 * does `work`, and removes everything.
 *
 * @template T
 * @param {object} context
 * @param {import('./shapes/shape.mjs').Shape} context.shape
 * @param {number} context.live calls that the shape is to carry at a time
 * @param {string} context.runId
 * @param {Pick<import('./options.mjs').Options, 'intervalMs' | 'foreignServer'>} context.options
 * @param {AbortSignal} context.signal
 * @param {{ callSid: string, knownAt?: number }[]} context.calls that `work` has monitored
 * @param {(running: Running) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withShape({ shape, live, runId, options, signal, calls }, work) {
  const { intervalMs, foreignServer } = options;
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-bench-'));
  const simulator = forkChild('simulator');
  /** @type {import('./shapes/shape.mjs').RunningShape | undefined} */
  let running;
  try {
    const { url, token } = await simulator.request('access');
    const env = {
      POLYAI_BASE_URL: url,
      POLYAI_REGION: '',
      POLYAI_AUTH_TOKEN: token,
      BENCH_INTERVAL_MS: `${intervalMs}`,
    };
    const addEndedCall = (/** @type {string} */ callSid) => simulator.request('addCall', callSid, 0);
    running = await shape.start({ env, live, intervalMs, folder, runId, foreignServer });
    const { failed } = running;
    const aborted = rejectOnAbort(signal);
    const guard = [failed, simulator.failed, aborted];
    await Promise.race([monitorOne(running, addEndedCall, runId), ...guard]);
    return await Promise.race([work({ shape: running, simulator, addEndedCall }), ...guard]);
  } finally {
    await running?.stop(calls.filter(({ knownAt }) => knownAt === undefined).map(({ callSid }) => callSid));
    await simulator.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {import('./shapes/shape.mjs').RunningShape} shape
 * @param {(callSid: string) => Promise<unknown>} addEndedCall
 * @param {string} runId
 */
async function monitorOne(shape, addEndedCall, runId) {
  const callSid = `OUT-bench-${runId}-first`;
  await addEndedCall(callSid);
  await shape.begin(callSid);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the first call has no result after a minute')), READY_TIMEOUT_MS);
  });
  await Promise.race([shape.result(callSid), late]).finally(() => clearTimeout(timer));
}

/** @param {AbortSignal} signal @returns {Promise<never>} */
function rejectOnAbort(signal) {
  /** @type {Promise<never>} */
  const aborted = new Promise((_, reject) => {
    const fail = () => reject(/** @type {Error} */ (signal.reason));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}
