import { relative } from 'node:path';
import { newRunId } from '../benchmark.js';
import { runInterruptible, withTimeLimit } from '../interruption.js';
import { fillLimitMs } from '../load/fill.js';
import type { OutageOptions } from '../options.js';
import { loadBuild, REPOSITORY } from '../package-build.js';
import { plotRequests } from '../report/plots.js';
import { resultsFolder, writeFiles } from '../report/write-report.js';
import { describeSetting } from '../setting.js';
import { shapesNamed } from '../shapes/catalogue.js';
import { runShape } from '../shapes/run-shape.js';
import { requestsPerSecond, summarizeOutage, toMarkdown, type OutageResults } from './report.js';
import { runOutage } from './run-outage.js';

/** Time for everything but filling and watching. */
const OVERHEAD_MS = 300_000;

/** Monitors calls through an outage of the API and writes the report. */
export async function measureOutage(options: OutageOptions): Promise<void> {
  const build = await loadBuild(REPOSITORY);
  const setting = describeSetting(options, build);
  const { live, before, minutes, after } = options;
  const watchedMs = (before + minutes * 60 + after) * 1_000;
  for (const shape of shapesNamed([options.shape], build)) {
    console.log(`${shape.name}, ${live} live calls; about ${Math.ceil(watchedMs / 60_000) + 1} minutes`);
    await runInterruptible(async (interruption) => {
      const signal = withTimeLimit(interruption, Math.ceil(fillLimitMs(live) + watchedMs + OVERHEAD_MS));
      const context = { shape, live, runId: newRunId(), options, signal };
      writeOutage({ ...setting, figures: await runShape(context, (run) => runOutage(run, options)) });
    });
  }
}

function writeOutage(results: OutageResults): void {
  const folder = resultsFolder(results, '-outage');
  const { figures } = results;
  const { usage, outageFrom, outageTo } = figures;
  const perSecond = requestsPerSecond(figures, usage.before.fromAt, usage.after.toAt);
  const summary = summarizeOutage(figures);
  const markdown = toMarkdown(results, summary);
  writeFiles(folder, {
    'outage.json': `${JSON.stringify({ ...results, summary })}\n`,
    'outage.md': markdown,
    'requests.svg': plotRequests(perSecond, outageFrom / 1_000, outageTo / 1_000),
  });
  console.log(`\n${markdown}\n${relative(process.cwd(), folder)}/: outage.md, outage.json, requests.svg`);
}
