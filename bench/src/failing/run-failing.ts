import { setTimeout as sleep } from 'node:timers/promises';
import { fill } from '../load/fill.js';
import { measureUsage } from '../measure/usage.js';
import type { FailingOptions } from '../options.js';
import type { ShapeRun } from '../shapes/run-shape.js';

/** What one run found. */
export type FailingFigures = Awaited<ReturnType<typeof runFailing>>;

/** Lets a share of the calls fail, and measures how the others fare. */
export async function runFailing(run: ShapeRun, { live, interval, warmUp, seconds }: FailingOptions, percent: number) {
  const { simulator, signal } = run;
  await simulator.rpc.setFailing(percent);
  const { fillMs } = await fill(run, live, interval * 1_000);
  await sleep(warmUp * 1_000, undefined, { signal });
  await simulator.rpc.beginGaps();
  const usage = await measureUsage(run, () => sleep(seconds * 1_000, undefined, { signal }));
  return { percent, fillMs, usage, /** Of healthy calls. */ gapsMs: await simulator.rpc.endGaps() };
}
