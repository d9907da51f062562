import type { StoredOutcome } from '../../contract/outcome.js';
import { OUTCOME_COLUMNS, toRow, valuesOf } from '../../outcomes/rows.js';
import type { OutcomeQuery } from '../../outcomes/store.js';
import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import { interruption } from '../interruption.js';
import { csvRecord } from './csv.js';
import type { ExportFormat } from './export-format.js';
import { openExportOutput } from './export-output.js';
import { inChunks } from './in-chunks.js';
import { Progress } from './progress.js';
import { withOutcomeStore } from './with-outcome-store.js';

export interface RunExportOptions {
  readonly query: OutcomeQuery;
  readonly format: ExportFormat;
  /** A file; absent for stdout. */
  readonly output: string | undefined;
}

/** Writes outcomes, newest first, in bounded memory. */
export async function runExport({ query, format, output: file }: RunExportOptions): Promise<ExitCode> {
  const signal = interruption();
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
