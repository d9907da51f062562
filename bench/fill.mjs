import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { FellBehindError } from './fell-behind.mjs';
import { begin, newCall } from './watched-call.mjs';

/** Calls that have begun and were not polled yet: enough to keep the server busy, few enough to leave no heap of work. */
const AT_A_TIME = 100;
/** The next call begins then, polled or not; otherwise a shape that is late with each poll would take for ever. */
const FIRST_POLL_TIMEOUT_MS = 5_000;
const LEAST_LIMIT_MS = 60_000;
/** A shape that starts fewer calls a second than this is given up. */
const LEAST_PER_SECOND = 15;

/**
 * The most that filling may take.
 *
 * @param {number} live
 */
export const fillLimitMs = (live) => Math.max(LEAST_LIMIT_MS, (live / LEAST_PER_SECOND) * 1_000);

/**
 * Puts so many calls, which do not end for now, into the shape's care as fast as it takes them, but spread over one
 * interval at least: with loops that began together all polls would come in step for a long time.
 *
 * @param {object} context
 * @param {import('./shapes/shape.mjs').RunningShape} context.shape
 * @param {import('./child.mjs').Child} context.simulator
 * @param {number} context.live
 * @param {string} context.runId
 * @param {{ intervalMs: number }} context.options
 * @param {AbortSignal} context.signal
 * @param {import('./watched-call.mjs').WatchedCall[]} context.calls is filled
 * @returns {Promise<{ fillMs: number, unpolled: number }>} how long it took, and how many calls were not polled once then
 */
export async function fill({ shape, simulator, live, runId, options, signal, calls }) {
  const startedAt = performance.now();
  const giveUpAt = startedAt + fillLimitMs(live);
  let polled = 0;
  const beginNext = async () => {
    while (calls.length < live && performance.now() < giveUpAt && !signal.aborted) {
      const call = newCall(`OUT-bench-${runId}-live-${calls.length + 1}`, Date.now(), Infinity);
      const index = calls.push(call) - 1;
      await sleepUntil(startedAt + (index / live) * options.intervalMs, signal);
      call.bornAt = await simulator.request('addCall', call.callSid);
      const firstPoll = simulator.request('firstPoll', call.callSid).then(() => (polled += 1));
      // The simulator has ended, which ends the run as well.
      firstPoll.catch(() => undefined);
      await begin(call, shape);
      await within(firstPoll, FIRST_POLL_TIMEOUT_MS, signal);
    }
  };
  const filling = Promise.all(Array.from({ length: Math.min(AT_A_TIME, live) }, beginNext));
  await within(filling, fillLimitMs(live) + FIRST_POLL_TIMEOUT_MS, signal);
  signal.throwIfAborted();
  const begun = calls.filter(({ isBegun }) => isBegun).length;
  const fillMs = performance.now() - startedAt;
  if (begun < live) {
    throw new FellBehindError(`Only ${begun} of ${live} calls could be started in ${Math.round(fillMs / 1_000)} s.`);
  }
  return { fillMs, unpolled: live - polled };
}

/** @param {Promise<unknown>} promise @param {number} ms @param {AbortSignal} signal */
async function within(promise, ms, signal) {
  const over = new globalThis.AbortController();
  const timeout = sleep(ms, undefined, { signal: globalThis.AbortSignal.any([signal, over.signal]) });
  timeout.catch(() => undefined);
  await Promise.race([promise, timeout]).finally(() => over.abort());
}

/** @param {number} at of `performance.now` @param {AbortSignal} signal */
async function sleepUntil(at, signal) {
  const waitMs = at - performance.now();
  if (waitMs >= 1) await sleep(waitMs, undefined, { signal });
}
