import { relative } from 'node:path';
import { newRunId } from '../benchmark.js';
import { runInterruptible, withTimeLimit } from '../interruption.js';
import { fillLimitMs } from '../load/fill.js';
import type { FailingOptions } from '../options.js';
import { loadBuild, REPOSITORY } from '../package-build.js';
import { resultsFolder, writeFiles } from '../report/write-report.js';
import { describeSetting } from '../setting.js';
import { shapesNamed } from '../shapes/catalogue.js';
import { runShape } from '../shapes/run-shape.js';
import { toMarkdown, type FailingResults } from './report.js';
import { type FailingFigures, runFailing } from './run-failing.js';

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

function write(results: FailingResults): void {
  const folder = resultsFolder(results, '-failing');
  const markdown = toMarkdown(results);
  writeFiles(folder, { 'failing.json': `${JSON.stringify(results)}\n`, 'failing.md': markdown });
  console.log(`\n${markdown}\n${relative(process.cwd(), folder)}/: failing.md, failing.json`);
}
