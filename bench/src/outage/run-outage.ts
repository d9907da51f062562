import { setTimeout as sleep } from 'node:timers/promises';
import { randomLcg, randomUniform } from 'd3-random';
import pMap from 'p-map';
import { max } from 'simple-statistics';
import { fill } from '../load/fill.js';
import { ResultWaiter, settle, type WatchedCall } from '../load/watched-calls.js';
import { measureUsage } from '../measure/usage.js';
import type { OutageOptions } from '../options.js';
import type { ShapeRun } from '../shapes/run-shape.js';

/** The remaining calls end after everything has been watched; each monitor must then have its result in this time. */
const LAST_RESULTS_MS = 120_000;
const MAX_RESULTS_AT_A_TIME = 100;
/** For results without a waiting client: time to read when the server had them. */
const SETTLE_MS = 10_000;

/** What an outage showed. */
export type OutageFigures = Awaited<ReturnType<typeof runOutage>>;

/** Monitors calls through an outage of the API. */
export async function runOutage(run: ShapeRun, options: OutageOptions) {
  const { shape, simulator, signal, calls } = run;
  const measure = (seconds: number) => measureUsage(run, () => sleep(seconds * 1_000, undefined, { signal }));
  const { fillMs } = await fill(run, options.live, options.interval * 1_000);
  console.log(`${options.live} calls under way after ${Math.round(fillMs / 1_000)} s`);
  // Answers are counted from here on.
  await simulator.rpc.setOutage(false);
  const before = await measure(options.before);

  console.log('the API is out');
  const outageFrom = await simulator.rpc.setOutage(true);
  const endingCount = Math.floor((options.live * options.ending) / 100);
  const [ending, rest] = [calls.slice(0, endingCount), calls.slice(endingCount)];
  await endCalls(run, ending, randomUniform.source(randomLcg(options.seed))(options.minutes * 60_000));
  const during = await measure(options.minutes * 60);

  const outageTo = await simulator.rpc.setOutage(false);
  console.log('the API works again');
  const waiter = new ResultWaiter(shape, signal);
  for (const call of ending) void waiter.waitFor(call, Promise.resolve());
  const after = await measure(options.after);
  await settle({ calls: ending, shape, giveUpAt: Date.now() + SETTLE_MS, signal });
  const { perSecond, firstGood } = await simulator.rpc.answers();
  const goodAt = new Map(firstGood);

  await endCalls(run, rest, () => 0);
  return {
    ...{ outageFrom, outageTo, perSecond, usage: { before, during, after } },
    /** Calls that outlasted the outage, and when they were first polled with success after it. */
    live: sinceOutage(
      rest.map(({ callSid }) => goodAt.get(callSid)),
      outageTo,
    ),
    /** Calls that ended during the outage, and when their results were known. */
    ended: sinceOutage(
      ending.map(({ knownAt }) => knownAt),
      outageTo,
    ),
    ...(await collectResults(run)),
  };
}

async function endCalls({ simulator }: ShapeRun, calls: readonly WatchedCall[], inMs: () => number): Promise<void> {
  const ends = calls.map(({ callSid }) => [callSid, Math.round(inMs())] as const);
  const now = await simulator.rpc.endCalls(ends);
  for (const [index, call] of calls.entries()) call.endsAt = now + (ends[index]?.[1] ?? 0);
}

/**
 * @param times of calls, in epoch milliseconds
 * @returns how many have one, and the last after the outage's end when all have
 */
function sinceOutage(times: readonly (number | undefined)[], outageTo: number) {
  const known = times.filter((at) => at !== undefined);
  const lastMs = known.length === times.length ? max([outageTo, ...known]) - outageTo : undefined;
  return { calls: times.length, reached: known.length, lastMs };
}

/** Every monitor's result once all calls have ended: a monitor that has closed may have failed. */
async function collectResults({ calls, shape, signal }: ShapeRun) {
  let completed = 0;
  const failures: string[] = [];
  const collect = async (call: WatchedCall): Promise<void> => {
    try {
      await shape.result(call.callSid);
      completed += 1;
    } catch (error) {
      failures.push(`${call.callSid}: ${error instanceof Error ? error.message : String(error)}`);
    }
    call.knownAt ??= Date.now();
  };
  const collecting = pMap(calls, collect, { concurrency: Math.min(shape.maxWaiters, MAX_RESULTS_AT_A_TIME), signal });
  await Promise.race([collecting, sleep(LAST_RESULTS_MS, undefined, { signal })]);
  return { completed, failures: [...failures] };
}
