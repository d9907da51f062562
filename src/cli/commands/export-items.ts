import { stringify } from 'csv-stringify/sync';

import { E164_NUMBER } from '../../contract/phone-number.js';
import { Interruption } from '../../platform/interruption.js';
import { amount, print, printError } from '../../platform/printing.js';
import { renderJsonLines } from '../list.js';
import { Progress } from '../progress.js';
import { EXIT_CODES, type ExitCode, joinLines } from '../terminal.js';
import { openFileOutput, standardOutput } from '../file-output.js';

export type ExportFormat = 'csv' | 'jsonl';

type CsvCell = string | number | null;

interface ItemsOptions<T> {
  readonly items: AsyncIterable<T>;
  /** What is exported, in the plural. */
  readonly what: string;
  readonly format: ExportFormat;
  /** The columns in CSV. */
  readonly columns: readonly string[];
  readonly cellsOf: (item: T) => readonly CsvCell[];
  /** A file; absent for stdout. */
  readonly output: string | undefined;
}

/** Writes items in bounded memory, until Ctrl-C. */
export async function exportItems<T>(options: ItemsOptions<T>): Promise<ExitCode> {
  const { items, what, format, output: file } = options;
  const interruption = new Interruption();
  const { signal } = interruption;
  const output = file === undefined ? standardOutput(signal) : await openFileOutput(file);
  let count = 0;
  const progress = new Progress({ stream: process.stderr, render: () => `${amount(count)} ${what}` });
  // On a terminal that shows the export, the progress would appear between its lines.
  const isShown = file !== undefined || !process.stdout.isTTY;
  try {
    const counted = observed(items, () => {
      count += 1;
      if (isShown) progress.step();
    });
    const lines = format === 'csv' ? renderCsv(counted, options) : renderJsonLines(counted);
    for await (const chunk of joinLines(lines)) {
      signal.throwIfAborted();
      await output.write(chunk);
    }
    await output.finish();
  } catch (error) {
    progress.clear();
    await output.abandon();
    if (!signal.aborted) throw error;
    printError(`interrupted after ${count} ${what}`);
    return EXIT_CODES.interrupted;
  } finally {
    interruption.dispose();
  }
  progress.clear();
  if (file !== undefined) print(`${file}: ${count} ${what}`);
  return EXIT_CODES.done;
}

async function* renderCsv<T>(
  items: AsyncIterable<T>,
  { columns, cellsOf }: Pick<ItemsOptions<T>, 'columns' | 'cellsOf'>,
): AsyncGenerator<string, void, undefined> {
  yield csvRecord(columns);
  for await (const item of items) yield csvRecord(cellsOf(item));
}

const CSV_OPTIONS = {
  record_delimiter: '\r\n',
  quoted_match: /[\r\n]/,
  escape_formulas: true,
  cast: {
    string: (text: string) => {
      if (E164_NUMBER.test(text)) return { value: text, escape_formulas: false };
      // `escape_formulas` does not know that a spreadsheet skips a line feed before a formula.
      return text.startsWith('\n') ? `'${text}` : text;
    },
  },
} as const;

/** One record of CSV (RFC 4180). Text that a spreadsheet would run as a formula begins with an apostrophe. */
export function csvRecord(cells: readonly CsvCell[]): string {
  return stringify([cells], CSV_OPTIONS);
}

async function* observed<T>(items: AsyncIterable<T>, observe: () => void): AsyncGenerator<T, void, undefined> {
  for await (const item of items) {
    observe();
    yield item;
  }
}
