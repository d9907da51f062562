import { stringify } from 'csv-stringify/sync';

import type { StoredOutcome } from '../../contract/outcome.js';
import { OUTCOME_COLUMNS, toRow, valuesOf } from '../../outcomes/rows.js';
import type { OutcomeQuery } from '../../outcomes/store.js';
import { Interruption } from '../../platform/interruption.js';
import { print, printError } from '../../platform/printing.js';
import { renderJsonLines } from '../list.js';
import { withOutcomeStore } from '../outcome-store.js';
import { EXIT_CODES, type ExitCode, inChunks } from '../terminal.js';
import { openFileOutput, standardOutput } from './export-output.js';

export type ExportFormat = keyof typeof ENCODERS;

interface ExportOptions {
  readonly query: OutcomeQuery;
  readonly format: ExportFormat;
  /** A file; absent for stdout. */
  readonly output: string | undefined;
}

/** Runs `outcomes export`: writes outcomes, newest first, in bounded memory. */
export async function exportOutcomes({ query, format, output: file }: ExportOptions): Promise<ExitCode> {
  const { signal } = new Interruption();
  return await withOutcomeStore(async (store) => {
    const output = file === undefined ? standardOutput(signal) : await openFileOutput(file);
    // On a terminal that shows the export, the progress would appear between its lines.
    const progress = new Progress(file === undefined && process.stdout.isTTY ? undefined : process.stderr);
    try {
      const outcomes = counted(store.list(query), progress);
      for await (const chunk of inChunks(ENCODERS[format](outcomes))) {
        signal.throwIfAborted();
        await output.write(chunk);
      }
      await output.finish();
    } catch (error) {
      progress.clear();
      await output.abandon();
      if (!signal.aborted) throw error;
      printError(`interrupted after ${progress.count} outcomes`);
      return EXIT_CODES.interrupted;
    }
    progress.clear();
    if (file !== undefined) print(`${file}: ${progress.count} outcomes`);
    return EXIT_CODES.done;
  });
}

const ENCODERS = { csv: renderCsv, jsonl: renderJsonLines } as const;

async function* renderCsv(outcomes: AsyncIterable<StoredOutcome>): AsyncGenerator<string, void, undefined> {
  yield csvRecord(OUTCOME_COLUMNS);
  for await (const outcome of outcomes) yield csvRecord(valuesOf(toRow(outcome, outcome.savedAt)));
}

const CSV_OPTIONS = {
  record_delimiter: '\r\n',
  quoted_match: /[\r\n]/,
  escape_formulas: true,
  // `escape_formulas` does not know that a spreadsheet skips a line feed before a formula.
  cast: { string: (text: string) => (text.startsWith('\n') ? `'${text}` : text) },
} as const;

/** One record of CSV (RFC 4180). Text that a spreadsheet would run as a formula begins with an apostrophe. */
export function csvRecord(cells: readonly (string | number | null)[]): string {
  return stringify([cells], CSV_OPTIONS);
}

async function* counted(
  outcomes: AsyncIterable<StoredOutcome>,
  progress: Progress,
): AsyncGenerator<StoredOutcome, void, undefined> {
  for await (const outcome of outcomes) {
    progress.step();
    yield outcome;
  }
}

const SHOW_AFTER_MS = 1_000;
const SHOW_EVERY_MS = 250;

/** Shows on a terminal how far a long export is. */
class Progress {
  #count = 0;
  #showAtMs = performance.now() + SHOW_AFTER_MS;
  #isShown = false;

  constructor(private readonly stream: NodeJS.WriteStream | undefined) {}

  get count(): number {
    return this.#count;
  }

  step(): void {
    this.#count += 1;
    if (!this.stream?.isTTY || performance.now() < this.#showAtMs) return;
    this.#showAtMs = performance.now() + SHOW_EVERY_MS;
    this.#isShown = true;
    this.stream.write(`\r\x1b[2K${this.#count.toLocaleString('en')} outcomes`);
  }

  clear(): void {
    if (this.#isShown) this.stream?.write('\r\x1b[2K');
  }
}
