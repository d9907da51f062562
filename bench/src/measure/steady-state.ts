import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { sum } from 'simple-statistics';
import { meanCallMs, remainingMs, runArrivals, type CallLoad } from '../load/call-load.js';
import { fill } from '../load/fill.js';
import { beginMonitor, newCall, ResultWaiter, settle, type WatchedCall } from '../load/watched-calls.js';
import type { BenchmarkOptions } from '../options.js';
import type { ShapeRun } from '../shapes/run-shape.js';
import { costOf } from './cost.js';
import { measureUsage, type Usage } from './usage.js';

/** A call is polled when it starts, not an interval later: on average half a poll more than its length suggests. */
const FIRST_POLL = 0.5;
/** Pause before the standing calls are measured, so that ended calls are done with; a share of the standing time. */
const PAUSE_SHARE = 0.25;

export interface SteadyStateContext extends ShapeRun {
  readonly load: CallLoad;
  readonly seed: number;
  readonly options: BenchmarkOptions;
}

/** What one run found. */
export type RunFigures = Awaited<ReturnType<typeof runSteadyState>>;

/**
 * Starts all live calls at once, lets them end and others arrive, measures, and waits for the results of the calls that
 * ended in the window. Calls arrive until all of that is over. Then the live calls stand, and it measures again.
 */
export async function runSteadyState(context: SteadyStateContext) {
  const { load, options, signal } = context;
  const intervalMs = options.interval * 1_000;
  const filled = await fill(context, load.live, intervalMs);
  const over = new AbortController();
  const turnoverSignal = AbortSignal.any([signal, over.signal]);
  // Each live call adds a listener.
  setMaxListeners(0, turnoverSignal);
  const arriving = await startTurnover(context, turnoverSignal);
  const window = await measureWindow(context).finally(async () => {
    over.abort();
    await arriving.done;
  });
  return {
    ...{ intervalMs, arrivalsPerSecond: load.arrivalsPerSecond, meanCallMs: meanCallMs(load) },
    ...filled,
    ...window,
    pollsWanted: window.liveMs / intervalMs + FIRST_POLL * window.callsBegun,
    standing: await measureStanding(context),
  };
}

async function measureWindow(context: SteadyStateContext) {
  const { shape, load, options, signal, calls } = context;
  await sleep(options.warmUp * 1_000, undefined, { signal });
  const usage = await measureUsage(context, () => sleep(options.seconds * 1_000, undefined, { signal }));
  const ended = calls.filter(({ endsAt }) => endsAt >= usage.fromAt && endsAt < usage.toAt);
  const counts = countCalls(calls, usage);
  await settle({ calls: ended, shape, giveUpAt: usage.toAt + options.settle * 1_000, signal });
  return { ...usage, ...counts, ...summarizeResults(ended), ...(await costOf(ended, shape, load)) };
}

/** Usage while no call starts or ends. */
async function measureStanding(context: SteadyStateContext) {
  const { simulator, options, signal } = context;
  const standingMs = options.standing * 1_000;
  const live = await simulator.rpc.stopCallsFromEnding();
  await sleep(standingMs * PAUSE_SHARE, undefined, { signal });
  return { live, ...(await measureUsage(context, () => sleep(standingMs, undefined, { signal }))) };
}

/** Lets calls end and arrive until the signal; `done` resolves then. */
async function startTurnover(context: SteadyStateContext, signal: AbortSignal) {
  const { shape, simulator, load, runId, seed, calls } = context;
  const waiter = new ResultWaiter(shape, signal);
  const remaining = remainingMs(load, seed);
  const now = await simulator.rpc.endCalls(calls.map(({ callSid }, index) => [callSid, remaining[index] ?? 0]));
  for (const [index, call] of calls.entries()) {
    call.endsAt = now + (remaining[index] ?? 0);
    void waiter.waitFor(call, Promise.resolve());
  }
  const addCall = async (callSid: string, lengthMs: number): Promise<void> => {
    const call = newCall(callSid, await simulator.rpc.addCall(callSid, lengthMs), lengthMs);
    calls.push(call);
    await waiter.waitFor(call, beginMonitor(call, shape));
  };
  const arrive = (number: number, lengthMs: number): void =>
    // It rejects when the simulator has ended, which ends the run as well.
    void addCall(`OUT-bench-${runId}-${number}`, lengthMs).catch(() => undefined);
  return { done: runArrivals(load, seed, arrive, signal) };
}

function countCalls(calls: readonly WatchedCall[], { fromAt, toAt }: Usage) {
  return {
    /** Live time of all calls together within the window. */
    liveMs: sum(calls.map((call) => Math.max(0, Math.min(call.endsAt, toAt) - Math.max(call.startedAt, fromAt)))),
    /** Calls that started in the window. */
    callsBegun: calls.filter(({ startedAt }) => startedAt >= fromAt && startedAt < toAt).length,
    /** Calls that had arrived and were not monitored at the window's end. */
    notStarted: calls.filter(({ isMonitored }) => !isMonitored).length,
  };
}

/** Of the calls that ended in the window. */
function summarizeResults(ended: readonly WatchedCall[]) {
  const givenUpAt = Date.now();
  return {
    callsEnded: ended.length,
    unfinished: ended.filter(({ knownAt }) => knownAt === undefined).length,
    errors: ended.filter(({ error }) => error !== undefined).length,
    /** Whose lateness was measured by a client that waited for the result. */
    awaited: ended.filter(({ knownAt, isAwaited }) => knownAt !== undefined && isAwaited).length,
    /** In ascending milliseconds; of an unfinished call what it was at least. */
    lateness: ended.map(({ endsAt, knownAt = givenUpAt }) => knownAt - endsAt).sort((a, b) => a - b),
  };
}
