import { performance } from 'node:perf_hooks';
import type { ShapeRun } from '../shapes/run-shape.js';

/** Enough to keep the server busy, below its limit on long polls. */
const AT_A_TIME = 50;
const WARM_UP_WORKFLOWS = 50;

/** Workflows started and finished a second. */
export interface Turnover {
  /** The shape's own workflows, each for a call that has ended: one poll. */
  readonly ownPerSecond: number;
  /** Workflows that do nothing. */
  readonly emptyPerSecond: number;
}

/**
 * Workflows a second that a server with one worker starts and finishes when each one is followed by the next. The
 * difference between empty and own workflows is the shape's cost, the rest is the server's.
 *
 * @returns `undefined` for a shape without workflows
 */
export async function measureTurnover(run: ShapeRun, seconds: number): Promise<Turnover | undefined> {
  const { shape, addEndedCall, runId, signal } = run;
  if (!shape.runEmpty) return undefined;
  let last = 0;
  const runOwn = async (): Promise<void> => {
    const callSid = `OUT-bench-${runId}-ended-${(last += 1)}`;
    await addEndedCall(callSid);
    await shape.begin(callSid);
    await shape.result(callSid);
  };
  const emptyPerSecond = await measureRate(shape.runEmpty, seconds, signal);
  return { emptyPerSecond, ownPerSecond: await measureRate(runOwn, seconds, signal) };
}

async function measureRate(run: () => Promise<unknown>, seconds: number, signal: AbortSignal): Promise<number> {
  await Promise.all(Array.from({ length: WARM_UP_WORKFLOWS }, run));
  const endAt = performance.now() + seconds * 1_000;
  let finished = 0;
  const runUntilEnd = async (): Promise<void> => {
    while (performance.now() < endAt) {
      signal.throwIfAborted();
      await run();
      if (performance.now() < endAt) finished += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, runUntilEnd));
  return finished / seconds;
}
