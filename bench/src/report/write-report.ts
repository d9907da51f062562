import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Results } from './results.js';
import type { CommonOptions } from '../options.js';
import { REPOSITORY } from '../package-build.js';
import { plotLateness } from './plots.js';
import { toMarkdown } from './markdown.js';
import { summarize } from './summary.js';

/** Writes the tables, their plot and all that was measured. */
export function writeReport(results: Results): void {
  const summaries = summarize(results.rows);
  writeFiles(resultsFolder(results), {
    'results.md': toMarkdown(results, summaries),
    'results.json': `${JSON.stringify({ ...results, summaries })}\n`,
    'lateness.svg': plotLateness(summaries),
  });
}

/** Prints the tables, and where the files are. */
export function printReport(results: Results): void {
  console.log(`\n${toMarkdown(results, summarize(results.rows))}`);
  console.log(`${relative(process.cwd(), resultsFolder(results))}/: results.md, results.json, lateness.svg`);
}

/** The folder of a report: the one that was asked for, else one named after its time. */
export function resultsFolder(
  { startedAt, options }: { readonly startedAt: string; readonly options: Pick<CommonOptions, 'out'> },
  suffix = '',
): string {
  const name = startedAt.replace(/:|\.\d+/g, '') + suffix;
  return resolve(options.out ?? join(REPOSITORY, 'bench/results', name));
}

/** Writes files by their names into a folder, which is created. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}
