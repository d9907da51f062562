/* global AbortController, AbortSignal */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { runArrivals } from './arrivals.mjs';
import { settle } from './settle.mjs';
import { Usage } from './usage.mjs';
import { Waiters, watch } from './watched-call.mjs';

/** Longer than the longest call, by so much the first of them have been monitored to their end. */
const WARM_UP_EXTRA_MS = 1_000;
const SAMPLED_CALLS = 20;
/** A call is polled as it begins, not an interval later: half a poll more than its length says, on average. */
const FIRST_POLL = 0.5;

/**
 * What one run found. Times in milliseconds; a figure that could not be had is left out.
 *
 * @typedef {object} Figures
 * @property {number} callsEnded calls that ended in the window
 * @property {number} unfinished of these, with no result when the waiting was given up
 * @property {number} errors of these
 * @property {number} awaited of these, whose lateness was taken by a client that waited for the result
 * @property {number} pollsWanted
 * @property {number} pollsMade of live calls
 * @property {number} pollsInAll those after a call's end included
 * @property {readonly number[]} lateness of each call that ended, sorted; of an unfinished one what it was at least
 * @property {number} [workerCpuMs]
 * @property {number} [serverCpuMs]
 * @property {number} [workerBytes] the most memory that the worker had
 * @property {number} [eventsPerCall]
 * @property {number} [actionsPerMinute] of a live call
 * @property {number} windowMs
 */

/**
 * Lets calls arrive until as many end as begin, measures for a while, and waits for the results of the calls that ended
 * meanwhile; calls arrive until all of that is over.
 *
 * @param {object} context
 * @param {import('./shapes/shape.mjs').RunningShape} context.shape
 * @param {import('./child.mjs').Child} context.simulator
 * @param {number} context.live
 * @param {string} context.runId
 * @param {number} context.seed
 * @param {import('./options.mjs').Options} context.options
 * @param {AbortSignal} context.signal
 * @param {import('./watched-call.mjs').WatchedCall[]} context.calls is filled
 * @returns {Promise<Figures>}
 */
export async function runSteadyState({ shape, simulator, live, runId, seed, options, signal, calls }) {
  const { callMs, seconds, intervalMs, settleMs } = options;
  const waiters = new Waiters(shape.maxWaiters);
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  // Each call under way listens.
  setMaxListeners(0, ending);
  /** @type {(call: { number: number, lengthMs: number }) => void} */
  const arrive = ({ number, lengthMs }) => {
    const callSid = `OUT-bench-${runId}-${number}`;
    void simulator
      .request('addCall', callSid, lengthMs)
      .then((times) => {
        const call = { callSid, ...times, isAwaited: false };
        calls.push(call);
        return watch(call, shape, waiters, ending);
      })
      // The simulator has ended, which ends the run as well.
      .catch(() => undefined);
  };
  const arriving = runArrivals({ live, callMs, seed, arrive, signal: ending });
  try {
    await sleep(callMs[1] + WARM_UP_EXTRA_MS, undefined, { signal });
    const usage = new Usage(shape, simulator);
    const fromAt = await usage.begin();
    await sleep(seconds * 1_000, undefined, { signal });
    const { toAt, ...used } = await usage.end();

    const ended = calls.filter(({ endsAt }) => endsAt >= fromAt && endsAt < toAt);
    await settle({ calls: ended, shape, giveUpAt: toAt + settleMs, signal });
    const born = calls.filter(({ bornAt }) => bornAt >= fromAt && bornAt < toAt);
    const liveMs = sum(
      calls.map(({ bornAt, endsAt }) => Math.max(0, Math.min(endsAt, toAt) - Math.max(bornAt, fromAt))),
    );
    return {
      ...used,
      ...outcomesOf(ended),
      ...(await costOf(ended, shape)),
      pollsWanted: liveMs / intervalMs + FIRST_POLL * born.length,
      windowMs: toAt - fromAt,
    };
  } finally {
    over.abort();
    await arriving;
  }
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

/**
 * Read from the histories of calls spread over the window.
 *
 * @param {readonly import('./watched-call.mjs').WatchedCall[]} ended
 * @param {import('./shapes/shape.mjs').RunningShape} shape
 */
async function costOf(ended, { cost }) {
  const finished = ended.filter(({ knownAt }) => knownAt !== undefined);
  if (!cost || finished.length === 0) return {};
  const step = Math.max(1, finished.length / SAMPLED_CALLS);
  const sample = finished.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  const costs = await Promise.all(sample.map(({ callSid }) => cost(callSid)));
  const liveMinutes = sum(sample.map(({ bornAt, endsAt }) => endsAt - bornAt)) / 60_000;
  return {
    eventsPerCall: sum(costs.map(({ events }) => events)) / sample.length,
    actionsPerMinute: sum(costs.map(({ actions }) => actions)) / liveMinutes,
  };
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
