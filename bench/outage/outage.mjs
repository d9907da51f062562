import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fillLimitMs } from '../fill.mjs';
import { interruptible, withLimit } from '../interruptible.mjs';
import { describeMachine } from '../machine.mjs';
import { folderOf } from '../report/write-report.mjs';
import { shapeNamed } from '../shapes/index.mjs';
import { withShape } from '../with-shape.mjs';
import { plotRequests } from './plot.mjs';
import { summarizeOutage, toMarkdown } from './report.mjs';
import { runOutage } from './run-outage.mjs';

/** For all that is not filling and watching. */
const AROUND_MS = 300_000;

/**
 * @typedef {object} OutageResults
 * @property {string} command
 * @property {string} startedAt ISO 8601 UTC
 * @property {import('../machine.mjs').Machine} machine
 * @property {import('./options.mjs').OutageOptions} options
 * @property {import('./run-outage.mjs').OutageFigures} figures
 */

/** @param {import('./options.mjs').OutageOptions} options */
export async function outage(options) {
  const shape = shapeNamed(options.shape);
  const interruption = interruptible();
  const { live, beforeMs, outageMs, afterMs } = options;
  const limitMs = Math.ceil(fillLimitMs(live) + beforeMs + outageMs + afterMs + AROUND_MS);
  const signal = withLimit(interruption.signal, limitMs);
  const runId = randomBytes(4).toString('hex');
  const context = { live, runId, signal, calls: [] };
  const about = {
    command: options.command,
    startedAt: new Date().toISOString(),
    machine: describeMachine(),
    options,
  };
  console.log(
    `${shape.name}, ${live} live calls; about ${Math.ceil((beforeMs + outageMs + afterMs) / 60_000) + 1} minutes`,
  );
  try {
    const figures = await withShape({ ...context, options, shape }, (running) =>
      runOutage({ ...context, ...running, options, say: console.log }),
    );
    write({ ...about, figures });
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    console.error('interrupted; everything that was started has been ended');
    process.exitCode = 130;
  } finally {
    interruption.over();
  }
}

/** @param {OutageResults} results */
function write(results) {
  const folder = folderOf(results, '-outage');
  const summary = summarizeOutage(results);
  const markdown = toMarkdown(results, summary);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'outage.json'), `${JSON.stringify({ ...results, summary })}\n`);
  writeFileSync(join(folder, 'outage.md'), markdown);
  writeFileSync(join(folder, 'requests.svg'), plotRequests(results.figures));
  console.log(`\n${markdown}\n${relative(process.cwd(), folder)}/: outage.md, outage.json, requests.svg`);
}
