import { setTimeout as sleep } from 'node:timers/promises';
import { mulberry32 } from '../../dist/simulator/mulberry32.js';
import { fill } from '../fill.mjs';
import { settle } from '../settle.mjs';
import { measureUsage } from '../usage.mjs';
import { awaitResult, Waiters } from '../watched-call.mjs';

/** After all has been watched, the rest of the calls end, and each monitor must have its result by then. */
const LAST_RESULTS_MS = 120_000;
const MOST_ASKED_AT_A_TIME = 100;
/** For the results that nobody waited for: the server tells when it had them. */
const LAST_LOOK_MS = 10_000;

/**
 * @typedef {{ second: number, good: number, refused: number }} Second epoch seconds; answers 200, and others
 *
 * @typedef {object} OutageFigures
 * @property {number} outageFrom epoch milliseconds
 * @property {number} outageTo
 * @property {Second[]} perSecond from the first second watched to the last; seconds without a request are left out
 * @property {number} live calls that outlasted the outage
 * @property {number} liveSeen of these, polled with success after it
 * @property {number} [allLiveSeenMs] after its end, when the last of them was
 * @property {number} ended calls that ended during it
 * @property {number} endedKnown of these, with a result while it was watched
 * @property {number} [allEndedKnownMs] after its end, when the last of these results was there
 * @property {number} completed calls of all whose monitor had its result in the end
 * @property {string[]} failures of all calls, why their monitor failed
 * @property {Readonly<Record<'before' | 'during' | 'after', import('../usage.mjs').Used>>} used
 */

/**
 * Monitors many calls through an outage of the API.
 *
 * @param {object} context
 * @param {import('../shapes/shape.mjs').RunningShape} context.shape
 * @param {import('../child.mjs').Child} context.simulator
 * @param {string} context.runId
 * @param {import('./options.mjs').OutageOptions} context.options
 * @param {AbortSignal} context.signal
 * @param {import('../watched-call.mjs').WatchedCall[]} context.calls is filled
 * @param {(line: string) => void} context.say
 * @returns {Promise<OutageFigures>}
 */
export async function runOutage(context) {
  const { shape, simulator, options, signal, calls, say } = context;
  const waiting = { shape, waiters: new Waiters(shape.maxWaiters), signal };
  /** @param {number} ms */
  const measure = (ms) => measureUsage(context, () => sleep(ms, undefined, { signal }));
  const { fillMs } = await fill({ ...context, live: options.live });
  say(`${options.live} calls under way after ${Math.round(fillMs / 1_000)} s`);
  // Counting begins with the first change.
  await simulator.request('setOutage', false);
  const before = await measure(options.beforeMs);

  say('the API is out');
  /** @type {number} */
  const outageFrom = await simulator.request('setOutage', true);
  const ending = calls.slice(0, options.ending);
  const random = mulberry32(options.seed);
  await endCalls(ending, () => Math.round(random() * options.outageMs), simulator);
  const during = await measure(options.outageMs);

  /** @type {number} */
  const outageTo = await simulator.request('setOutage', false);
  say('the API works again');
  for (const call of ending) void awaitResult(call, Promise.resolve(), waiting);
  const after = await measure(options.afterMs);
  await settle({ calls: ending, shape, giveUpAt: Date.now() + LAST_LOOK_MS, signal });
  /** @type {{ perSecond: Second[], firstGood: [string, number][] }} */
  const { perSecond, firstGood } = await simulator.request('answers');
  const endedAt = ending.map(({ knownAt }) => knownAt).filter((at) => at !== undefined);

  const rest = calls.slice(options.ending);
  const seen = liveSeen(rest, new Map(firstGood), outageTo);
  await endCalls(rest, () => 0, simulator);
  return {
    ...{ outageFrom, outageTo, perSecond },
    ...seen,
    ...{ ended: ending.length, endedKnown: endedAt.length },
    ...(endedAt.length === ending.length && { allEndedKnownMs: Math.max(0, ...endedAt) - outageTo }),
    ...(await outcomes(calls, shape, signal)),
    used: { before, during, after },
  };
}

/**
 * @param {readonly import('../watched-call.mjs').WatchedCall[]} calls
 * @param {() => number} inMs
 * @param {import('../child.mjs').Child} simulator
 */
async function endCalls(calls, inMs, simulator) {
  const pairs = calls.map(({ callSid }) => /** @type {const} */ ([callSid, inMs()]));
  /** @type {number} */
  const now = await simulator.request('endCalls', pairs);
  for (const [index, call] of calls.entries()) call.endsAt = now + (pairs[index]?.[1] ?? 0);
}

/**
 * @param {readonly import('../watched-call.mjs').WatchedCall[]} calls
 * @param {ReadonlyMap<string, number>} firstGood when a call was first polled with success after the outage
 * @param {number} outageTo
 */
function liveSeen(calls, firstGood, outageTo) {
  const seenAt = calls.map(({ callSid }) => firstGood.get(callSid)).filter((at) => at !== undefined);
  const isAll = seenAt.length === calls.length;
  return {
    ...{ live: calls.length, liveSeen: seenAt.length },
    ...(isAll && { allLiveSeenMs: Math.max(outageTo, ...seenAt) - outageTo }),
  };
}

/**
 * Every monitor's result, now that all calls have ended: a monitor that has closed may have failed.
 *
 * @param {readonly import('../watched-call.mjs').WatchedCall[]} calls
 * @param {import('../shapes/shape.mjs').RunningShape} shape
 * @param {AbortSignal} signal
 */
async function outcomes(calls, { result, maxWaiters }, signal) {
  const left = [...calls];
  let completed = 0;
  /** @type {string[]} */
  const failures = [];
  const askNext = async () => {
    for (let call = left.pop(); call !== undefined && !signal.aborted; call = left.pop()) {
      const { callSid } = call;
      await result(callSid).then(
        () => (completed += 1),
        (error) => failures.push(`${callSid}: ${error instanceof Error ? error.message : String(error)}`),
      );
      call.knownAt ??= Date.now();
    }
  };
  const asking = Promise.all(Array.from({ length: Math.min(maxWaiters, MOST_ASKED_AT_A_TIME) }, askNext));
  await Promise.race([asking, sleep(LAST_RESULTS_MS, undefined, { signal })]);
  return { completed, failures: [...failures] };
}
