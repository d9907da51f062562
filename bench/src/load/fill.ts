import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import type { ShapeRun } from '../shapes/run-shape.js';
import { FellBehindError } from '../shapes/shape.js';
import { beginMonitor, newCall, type WatchedCall } from './watched-calls.js';

/** Calls started and not polled yet: enough to keep the server busy, few enough not to overload it. */
const UNPOLLED_AT_A_TIME = 100;
/** After this the next call starts, polled or not; otherwise a shape that is late with each poll would never be filled. */
const FIRST_POLL_TIMEOUT_MS = 5_000;
const MIN_LIMIT_MS = 60_000;
/** A shape that starts fewer calls a second than this is given up. */
const MIN_STARTS_PER_SECOND = 15;

/** The most that filling may take. */
export function fillLimitMs(live: number): number {
  return Math.max(MIN_LIMIT_MS, (live / MIN_STARTS_PER_SECOND) * 1_000);
}

/**
 * Starts `live` calls that do not end for now, as fast as the shape accepts them, but spread over one interval at least:
 * loops that start together would poll in step for a long time. The calls are added to those of the run.
 *
 * @returns how long it took, and how many calls were not polled once by then
 * @throws {FellBehindError} when the shape is too slow
 */
export async function fill({ shape, simulator, runId, signal, calls }: ShapeRun, live: number, intervalMs: number) {
  const startedAt = performance.now();
  const giveUpAt = startedAt + fillLimitMs(live);
  let polled = 0;
  const start = async (call: WatchedCall, index: number): Promise<void> => {
    const waitMs = startedAt + (index / live) * intervalMs - performance.now();
    if (waitMs >= 1) await sleep(waitMs, undefined, { signal });
    if (performance.now() >= giveUpAt) return;
    call.startedAt = await simulator.rpc.addCall(call.callSid);
    const firstPoll = simulator.rpc.firstPoll(call.callSid).then(() => (polled += 1));
    // It rejects when the simulator has ended, which ends the run as well.
    firstPoll.catch(() => undefined);
    await beginMonitor(call, shape);
    await settledWithin(firstPoll, FIRST_POLL_TIMEOUT_MS, signal);
  };
  const sids = Array.from({ length: live }, (_, index) => `OUT-bench-${runId}-live-${index + 1}`);
  calls.push(...sids.map((callSid) => newCall(callSid, Date.now(), Infinity)));
  const filling = pMap(calls, start, { concurrency: UNPOLLED_AT_A_TIME, signal });
  await settledWithin(filling, fillLimitMs(live) + FIRST_POLL_TIMEOUT_MS, signal);
  const fillMs = performance.now() - startedAt;
  const begun = calls.filter(({ isMonitored }) => isMonitored).length;
  if (begun < live) {
    throw new FellBehindError(`Only ${begun} of ${live} calls could be started in ${Math.round(fillMs / 1_000)} s.`);
  }
  return { fillMs, unpolled: live - polled };
}

/** Resolves with the promise or when the time is up; rejects with the promise or the signal. */
async function settledWithin(promise: Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> {
  const settled = new AbortController();
  const timeout = sleep(ms, undefined, { signal: AbortSignal.any([signal, settled.signal]) });
  timeout.catch(() => undefined);
  await Promise.race([promise, timeout]).finally(() => settled.abort());
}
