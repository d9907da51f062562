import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { toMarkdown } from './markdown.mjs';
import { plotLateness } from './plot.mjs';
import { summarizeAll } from './summarize.mjs';

const RESULTS = join(import.meta.dirname, '../results');

/** Prints the table, and writes it with its plot and all that was measured. @param {import('../bench.mjs').Results} results */
export function writeReport(results) {
  const folder = resolve(results.options.out ?? join(RESULTS, results.startedAt.replace(/:|\.\d+/g, '')));
  const summaries = summarizeAll(results.rows);
  const markdown = toMarkdown(results, summaries);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify({ ...results, summaries })}\n`);
  writeFileSync(join(folder, 'results.md'), markdown);
  writeFileSync(join(folder, 'lateness.svg'), plotLateness(summaries));
  console.log(`\n${markdown}\n${relative(process.cwd(), folder)}/: results.md, results.json, lateness.svg`);
}
