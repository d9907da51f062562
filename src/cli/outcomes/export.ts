import { open, realpath, rename, rm, stat } from 'node:fs/promises';

import type { StoredOutcome } from '../../contract/outcome.js';
import { OUTCOME_COLUMNS, toRow, valuesOf } from '../../outcomes/rows.js';
import type { OutcomeQuery } from '../../outcomes/store.js';
import { errorMessage } from '../../platform/error-message.js';
import { Interruption } from '../../platform/interruption.js';
import { CliError, EXIT_CODES, type ExitCode, writeStandardOutput } from '../terminal.js';
import { type ExportFormat, withOutcomeStore } from './query.js';

interface RunExportOptions {
  readonly query: OutcomeQuery;
  readonly format: ExportFormat;
  /** A file; absent for stdout. */
  readonly output: string | undefined;
}

/** Writes outcomes, newest first, in bounded memory. */
export async function runExport({ query, format, output: file }: RunExportOptions): Promise<ExitCode> {
  const { signal } = new Interruption();
  return await withOutcomeStore(async (store) => {
    const output = await openExportOutput(file, signal);
    // Between the lines of a terminal it would be in the way.
    const progress = new Progress(file === undefined && process.stdout.isTTY ? undefined : process.stderr);
    try {
      const outcomes = counted(store.list(query), progress);
      for await (const chunk of inChunks(ENCODERS[format](outcomes))) {
        signal.throwIfAborted();
        await output.write(chunk);
      }
    } catch (error) {
      progress.end();
      await output.abandon();
      if (!signal.aborted) throw error;
      console.error(`interrupted after ${progress.count} outcomes`);
      return EXIT_CODES.interrupted;
    }
    progress.end();
    await output.finish();
    if (file !== undefined) console.log(`${file}: ${progress.count} outcomes`);
    return EXIT_CODES.done;
  });
}

type Encoder = (outcomes: AsyncIterable<StoredOutcome>) => AsyncIterable<string>;

const ENCODERS: Readonly<Record<ExportFormat, Encoder>> = {
  async *csv(outcomes) {
    yield csvRecord(OUTCOME_COLUMNS);
    for await (const outcome of outcomes) yield csvRecord(valuesOf(toRow(outcome, outcome.savedAt)));
  },
  async *jsonl(outcomes) {
    for await (const outcome of outcomes) yield `${JSON.stringify(outcome)}\n`;
  },
};

async function* counted(outcomes: AsyncIterable<StoredOutcome>, progress: Progress) {
  for await (const outcome of outcomes) {
    progress.step();
    yield outcome;
  }
}

/** Where an export goes. */
interface ExportOutput {
  write(text: string): Promise<void>;
  /** Everything has been written. */
  finish(): Promise<void>;
  /** Nothing more will come. */
  abandon(): Promise<void>;
}

/** @param file a path; absent for stdout */
async function openExportOutput(file: string | undefined, signal: AbortSignal): Promise<ExportOutput> {
  if (file === undefined) return standardOutput(signal);
  try {
    return await fileOutput(file);
  } catch (error) {
    throw new CliError(`cannot write to ${file}; choose another with --output: ${errorMessage(error)}`);
  }
}

function standardOutput(signal: AbortSignal): ExportOutput {
  return {
    write: (text) => writeStandardOutput(text, signal),
    finish: () => Promise.resolve(),
    abandon: () => Promise.resolve(),
  };
}

/** The file gets its name when it is whole: half an export would look like one of fewer calls. */
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

/** With these a spreadsheet takes text for a formula, in some languages the wide ones too. */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/;

/** One record of CSV after RFC 4180. Text that would be a formula in a spreadsheet begins with an apostrophe. */
export function csvRecord(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | null): string {
  const text = typeof value === 'string' && FORMULA_START.test(value) ? `'${value}` : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const CHUNK_LENGTH = 65_536;

/** Joins lines, for a write of each would take longer than all else. */
export async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

const LONG_MS = 1_000;
const EVERY_MS = 250;

/** Tells on a terminal how far a long export is. */
class Progress {
  #count = 0;
  readonly #startedAt = performance.now();
  #shownAt: number | undefined;

  constructor(private readonly stream: NodeJS.WriteStream | undefined) {}

  get count(): number {
    return this.#count;
  }

  step(): void {
    this.#count += 1;
    if (!this.stream?.isTTY) return;
    const now = performance.now();
    if (now < (this.#shownAt === undefined ? this.#startedAt + LONG_MS : this.#shownAt + EVERY_MS)) return;
    this.#shownAt = now;
    this.stream.write(`\r\x1b[2K${this.#count.toLocaleString('en')} outcomes`);
  }

  /** Leaves nothing behind. */
  end(): void {
    if (this.#shownAt !== undefined) this.stream?.write('\r\x1b[2K');
  }
}
