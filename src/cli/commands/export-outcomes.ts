import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { stringify } from 'csv-stringify/sync';

import type { StoredOutcome } from '../../contract/outcome.js';
import { OUTCOME_COLUMNS, toRow, valuesOf } from '../../outcomes/rows.js';
import type { OutcomeQuery } from '../../outcomes/store.js';
import { errorMessage } from '../../platform/error-message.js';
import { Interruption } from '../../platform/interruption.js';
import { withOutcomeStore } from '../outcome-store.js';
import { CliError, EXIT_CODES, type ExitCode, inChunks, writeStandardOutput } from '../terminal.js';
import { renderJsonLines } from './run-outcomes.js';

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
    } catch (error) {
      progress.clear();
      await output.abandon();
      if (!signal.aborted) throw error;
      console.error(`interrupted after ${progress.count} outcomes`);
      return EXIT_CODES.interrupted;
    }
    progress.clear();
    await output.finish();
    if (file !== undefined) console.log(`${file}: ${progress.count} outcomes`);
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

/** Where an export goes. */
interface ExportOutput {
  write(text: string): Promise<void>;
  /** Ends a complete export. */
  finish(): Promise<void>;
  /** Ends an incomplete export. */
  abandon(): Promise<void>;
}

function standardOutput(signal: AbortSignal): ExportOutput {
  return {
    write: (text) => writeStandardOutput(text, signal),
    finish: () => Promise.resolve(),
    abandon: () => Promise.resolve(),
  };
}

async function openFileOutput(file: string): Promise<ExportOutput> {
  try {
    return await fileOutput(file);
  } catch (error) {
    throw new CliError(`cannot write to ${file}; choose another with --output: ${errorMessage(error)}`);
  }
}

/** The file gets its name when it is complete: half an export would look like one of fewer calls. */
async function fileOutput(file: string): Promise<ExportOutput> {
  const path = await realpath(file).catch(() => file);
  // A pipe or a device cannot be replaced.
  const isSpecial = await stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );
  const partial = isSpecial ? path : `${path}.partial`;
  const handle = await open(partial, 'w');
  return {
    write: (text) => handle.appendFile(text),
    finish: async () => {
      await handle.close();
      if (!isSpecial) await rename(partial, path);
    },
    abandon: async () => {
      await handle.close();
      if (!isSpecial) await rm(partial, { force: true });
    },
  };
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
