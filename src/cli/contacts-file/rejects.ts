import { stringify } from 'csv-stringify/sync';

import { printError } from '../../platform/printing.js';
import { openFileOutput } from '../file-output.js';
import { REJECT_COLUMNS } from './columns.js';
import type { CsvRecord } from './records.js';

/** Where rows go that cannot be imported. */
export interface Rejects {
  readonly add: (record: CsvRecord, reason: string) => Promise<void>;
  readonly finish: () => Promise<void>;
  /** Ends without all of them: an incomplete file would look complete. */
  readonly abandon: () => Promise<void>;
}

/**
 * Prints a line for each.
 *
 * @param beforeLine what a terminal needs before other output
 */
export function printedRejects(beforeLine: () => void): Rejects {
  return {
    add: ({ line }, reason) => {
      beforeLine();
      printError(`line ${line}: ${reason}`);
      return Promise.resolve();
    },
    finish: () => Promise.resolve(),
    abandon: () => Promise.resolve(),
  };
}

const BUFFER_LENGTH = 65_536;

/** Writes a file that can be imported once its rows have been corrected. */
export async function fileOfRejects(file: string, header: readonly string[]): Promise<Rejects> {
  const output = await openFileOutput(file, '--rejects');
  const reserved = new Set<string>(Object.values(REJECT_COLUMNS));
  // A file of rejects that is imported again has the two columns already.
  const kept = header.flatMap((name, index) => (reserved.has(name) ? [] : [index]));
  let buffer = stringify([[...kept.map((index) => header[index]), REJECT_COLUMNS.line, REJECT_COLUMNS.reason]]);
  const flush = async (): Promise<void> => {
    await output.write(buffer);
    buffer = '';
  };
  return {
    add: async ({ line, cells }, reason) => {
      buffer += stringify([[...kept.map((index) => cells[index] ?? ''), String(line), reason]]);
      if (buffer.length > BUFFER_LENGTH) await flush();
    },
    finish: async () => {
      await flush();
      await output.finish();
    },
    abandon: output.abandon,
  };
}
