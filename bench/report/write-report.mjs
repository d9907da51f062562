import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { toMarkdown } from './markdown.mjs';
import { plotLateness } from './plot.mjs';
import { summarizeAll } from './summarize.mjs';

const RESULTS = join(import.meta.dirname, '../results');

/** Writes the tables, their plot and all that was measured. @param {import('../bench.mjs').Results} results */
export function writeReport(results) {
  const folder = folderOf(results);
  const summaries = summarizeAll(results.rows);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify({ ...results, summaries })}\n`);
  writeFileSync(join(folder, 'results.md'), toMarkdown(results, summaries));
  writeFileSync(join(folder, 'lateness.svg'), plotLateness(summaries));
}

/** @param {import('../bench.mjs').Results} results */
export function printReport(results) {
  console.log(`\n${toMarkdown(results, summarizeAll(results.rows))}`);
  console.log(`${relative(process.cwd(), folderOf(results))}/: results.md, results.json, lateness.svg`);
}

/** @param {{ startedAt: string, options: { out: string | undefined } }} results @param {string} suffix */
export function folderOf({ startedAt, options }, suffix = '') {
  return resolve(options.out ?? join(RESULTS, startedAt.replace(/:|\.\d+/g, '') + suffix));
}
