import { performance } from 'node:perf_hooks';

/** Enough to keep the server busy, few enough for its limit on long polls. */
const AT_A_TIME = 50;
const WARM_UP_STARTS = 50;

/**
 * Workflows a second that a server with one worker starts and finishes when the next one starts as soon as one has
 * finished: those of the shape, each for a call that is over (one poll), and such that do nothing. What is lost between
 * the two is the shape's, the rest is the server's.
 *
 * @typedef {{ ownPerSecond: number, emptyPerSecond: number }} Turnover
 *
 * @param {object} context
 * @param {import('./shapes/shape.mjs').RunningShape} context.shape
 * @param {(callSid: string) => Promise<unknown>} context.addEndedCall
 * @param {string} context.runId
 * @param {number} context.seconds
 * @param {AbortSignal} context.signal
 * @returns {Promise<Turnover | undefined>} nothing for a shape without workflows
 */
export async function measureTurnover({ shape, addEndedCall, runId, seconds, signal }) {
  const { runEmpty } = shape;
  if (!runEmpty) return undefined;
  let last = 0;
  const runOwn = async () => {
    const callSid = `OUT-bench-${runId}-ended-${++last}`;
    await addEndedCall(callSid);
    await shape.begin(callSid);
    await shape.result(callSid);
  };
  /** @param {() => Promise<unknown>} run */
  const measure = async (run) => {
    await Promise.all(Array.from({ length: WARM_UP_STARTS }, run));
    return await rate(run, seconds, signal);
  };
  return { emptyPerSecond: await measure(runEmpty), ownPerSecond: await measure(runOwn) };
}

/** @param {() => Promise<unknown>} run @param {number} seconds @param {AbortSignal} signal */
async function rate(run, seconds, signal) {
  const endAt = performance.now() + seconds * 1_000;
  let finished = 0;
  const runNext = async () => {
    while (performance.now() < endAt) {
      signal.throwIfAborted();
      await run();
      if (performance.now() < endAt) finished += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, runNext));
  return finished / seconds;
}
