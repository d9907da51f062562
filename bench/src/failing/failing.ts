import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newRunId } from '../benchmark.js';
import { runInterruptible, withTimeLimit } from '../interruption.js';
import { fill, fillLimitMs } from '../load/fill.js';
import { measureUsage } from '../measure/usage.js';
import type { FailingOptions } from '../options.js';
import { loadBuild, REPOSITORY } from '../package-build.js';
import { resultsFolder, writeFiles } from '../report/write-report.js';
import { describeSetting } from '../setting.js';
import { shapesNamed } from '../shapes/catalogue.js';
import { runShape, type ShapeRun } from '../shapes/run-shape.js';
import { toMarkdown, type FailingResults } from './report.js';

/** Time for everything but filling and watching. */
const OVERHEAD_MS = 180_000;

/** Monitors calls of which some always fail, and writes the report: one run for each percentage. */
export async function measureFailing(options: FailingOptions): Promise<void> {
  const build = await loadBuild(REPOSITORY);
  const setting = describeSetting(options, build);
  const { live, percent, warmUp, seconds } = options;
  const limitMs = Math.ceil(fillLimitMs(live) + (warmUp + seconds) * 1_000 + OVERHEAD_MS);
  const runs: FailingFigures[] = [];
  await runInterruptible(async (interruption) => {
    for (const failing of percent) {
      for (const shape of shapesNamed([options.shape], build)) {
        console.log(`${shape.name}, ${live} live calls, ${failing} % of them fail …`);
        const context = { shape, live, runId: newRunId(), options, signal: withTimeLimit(interruption, limitMs) };
        runs.push(await runShape(context, (run) => runFailing(run, options, failing)));
      }
    }
  });
  write({ ...setting, runs });
}

/** What one run found. */
export type FailingFigures = Awaited<ReturnType<typeof runFailing>>;

async function runFailing(run: ShapeRun, { live, interval, warmUp, seconds }: FailingOptions, percent: number) {
  const { simulator, signal } = run;
  await simulator.rpc.setFailing(percent);
  const { fillMs } = await fill(run, live, interval * 1_000);
  await sleep(warmUp * 1_000, undefined, { signal });
  await simulator.rpc.beginGaps();
  const usage = await measureUsage(run, () => sleep(seconds * 1_000, undefined, { signal }));
  return { percent, fillMs, usage, /** Of healthy calls. */ gapsMs: await simulator.rpc.endGaps() };
}

function write(results: FailingResults): void {
  const folder = resultsFolder(results, '-failing');
  const markdown = toMarkdown(results);
  writeFiles(folder, { 'failing.json': `${JSON.stringify(results)}\n`, 'failing.md': markdown });
  console.log(`\n${markdown}\n${relative(process.cwd(), folder)}/: failing.md, failing.json`);
}
