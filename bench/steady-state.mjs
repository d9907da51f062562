/* global AbortController, AbortSignal */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { runArrivals } from './arrivals.mjs';
import { costOf } from './cost.mjs';
import { fill } from './fill.mjs';
import { meanCallMs, remainingMs } from './load.mjs';
import { settle } from './settle.mjs';
import { measureUsage } from './usage.mjs';
import { awaitResult, begin, newCall, Waiters } from './watched-call.mjs';

/** A call is polled as it begins, not an interval later: half a poll more than its length says, on average. */
const FIRST_POLL = 0.5;
/** Before the standing, so that what is left of calls that have ended is over; a share of the standing. */
const PAUSE_SHARE = 0.25;

/**
 * What one run found. Times in milliseconds; a figure that could not be had is left out.
 *
 * @typedef {object} SteadyFigures
 * @property {number} fillMs until all calls of the beginning were started
 * @property {number} unpolled of these, not polled once by then
 * @property {import('./usage.mjs').Used & { live: number }} standing while so many calls were under way, none began, none ended
 * @property {number} arrivalsPerSecond
 * @property {number} meanCallMs
 * @property {number} intervalMs
 * @property {number} callsBegun calls that began in the window
 * @property {number} notStarted calls that had arrived and were not in the monitor's care at its end
 * @property {number} callsEnded calls that ended in the window
 * @property {number} unfinished of these, with no result when the waiting was given up
 * @property {number} errors of these
 * @property {number} awaited of these, whose lateness was taken by a client that waited for the result
 * @property {number} pollsWanted
 * @property {number} liveMs of all calls together, in the window
 * @property {readonly number[]} lateness of each call that ended, sorted; of an unfinished one what it was at least
 *
 * @typedef {import('./usage.mjs').Used & Partial<import('./cost.mjs').Cost> & SteadyFigures} Figures
 *
 * @typedef {object} SteadyState
 * @property {import('./shapes/shape.mjs').RunningShape} shape
 * @property {import('./child.mjs').Child} simulator
 * @property {import('./load.mjs').Load} load
 * @property {string} runId
 * @property {number} seed
 * @property {import('./options.mjs').Options} options
 * @property {AbortSignal} signal
 * @property {import('./watched-call.mjs').WatchedCall[]} calls is filled
 */

/**
 * Begins with all live calls at once, lets them end and others arrive, measures, and waits for the results of the calls that
 * ended meanwhile; calls arrive until all of that is over. Then those that are under way stand, and it measures again.
 *
 * @param {SteadyState} context
 * @returns {Promise<Figures>}
 */
export async function runSteadyState(context) {
  const { load, signal } = context;
  const filled = await fill({ ...context, live: load.live });
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  // Each call under way listens.
  setMaxListeners(0, ending);
  const { arriving } = await turnOver(context, ending);
  /** @type {Awaited<ReturnType<typeof measureWindow>>} */
  let window;
  try {
    window = await measureWindow(context);
  } finally {
    over.abort();
    await arriving;
  }
  const given = {
    arrivalsPerSecond: load.perSecond,
    meanCallMs: meanCallMs(load),
    intervalMs: context.options.intervalMs,
  };
  return { ...filled, ...given, ...window, standing: await measureStanding(context) };
}

/** @param {SteadyState} context */
async function measureWindow(context) {
  const { shape, load, options, signal, calls } = context;
  await sleep(options.warmUpMs, undefined, { signal });
  const used = await measureUsage(context, () => sleep(options.seconds * 1_000, undefined, { signal }));
  const ended = calls.filter(({ endsAt }) => endsAt >= used.fromAt && endsAt < used.toAt);
  const seen = outlineOf(calls, used);
  await settle({ calls: ended, shape, giveUpAt: used.toAt + options.settleMs, signal });
  return {
    ...used,
    ...seen,
    pollsWanted: seen.liveMs / options.intervalMs + FIRST_POLL * seen.callsBegun,
    ...outcomesOf(ended),
    ...(await costOf(ended, shape, load)),
  };
}

/** @param {SteadyState} context */
async function measureStanding(context) {
  const { simulator, options, signal } = context;
  /** @type {number} */
  const live = await simulator.request('keepCalls');
  await sleep(options.standingMs * PAUSE_SHARE, undefined, { signal });
  return { live, ...(await measureUsage(context, () => sleep(options.standingMs, undefined, { signal }))) };
}

/**
 * From now on calls end and arrive.
 *
 * @param {SteadyState} context
 * @param {AbortSignal} signal
 * @returns {Promise<{ arriving: Promise<void> }>} until the signal
 */
async function turnOver({ shape, simulator, load, runId, seed, calls }, signal) {
  const watching = { shape, waiters: new Waiters(shape.maxWaiters), signal };
  const remaining = remainingMs(load, seed);
  const pairs = calls.map(({ callSid }, index) => [callSid, remaining[index]]);
  /** @type {number} */
  const fromAt = await simulator.request('endCalls', pairs);
  for (const [index, call] of calls.entries()) {
    call.endsAt = fromAt + remaining[index];
    void awaitResult(call, Promise.resolve(), watching);
  }
  /** @type {(call: { number: number, lengthMs: number }) => void} */
  const arrive = ({ number, lengthMs }) => {
    const callSid = `OUT-bench-${runId}-${number}`;
    void simulator
      .request('addCall', callSid, lengthMs)
      .then((bornAt) => {
        const call = newCall(callSid, bornAt, lengthMs);
        calls.push(call);
        return awaitResult(call, begin(call, shape), watching);
      })
      // The simulator has ended, which ends the run as well.
      .catch(() => undefined);
  };
  return { arriving: runArrivals({ load, seed, arrive, signal }) };
}

/** @param {readonly import('./watched-call.mjs').WatchedCall[]} calls @param {import('./usage.mjs').Used} window */
function outlineOf(calls, { fromAt, toAt }) {
  const liveMs = calls.map(({ bornAt, endsAt }) => Math.max(0, Math.min(endsAt, toAt) - Math.max(bornAt, fromAt)));
  return {
    liveMs: liveMs.reduce((total, ms) => total + ms, 0),
    callsBegun: calls.filter(({ bornAt }) => bornAt >= fromAt && bornAt < toAt).length,
    notStarted: calls.filter(({ isBegun }) => !isBegun).length,
  };
}

/** @param {readonly import('./watched-call.mjs').WatchedCall[]} ended */
function outcomesOf(ended) {
  const givenUpAt = Date.now();
  return {
    callsEnded: ended.length,
    unfinished: ended.filter(({ knownAt }) => knownAt === undefined).length,
    errors: ended.filter(({ error }) => error !== undefined).length,
    awaited: ended.filter(({ knownAt, isAwaited }) => knownAt !== undefined && isAwaited).length,
    lateness: ended.map(({ endsAt, knownAt = givenUpAt }) => knownAt - endsAt).sort((a, b) => a - b),
  };
}
