import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';

import { errorMessage } from '../platform/error-message.js';
import { finishOutput, printable, writeOutput } from '../platform/printing.js';
import { CliError } from './terminal.js';

/** Where an export goes. */
export interface ExportOutput {
  readonly write: (data: string) => Promise<void>;
  /** Ends a complete export. */
  readonly finish: () => Promise<void>;
  /** Ends an incomplete export. */
  readonly abandon: () => Promise<void>;
}

/** Writes an export to stdout. */
export function standardOutput(signal: AbortSignal): ExportOutput {
  return {
    // A file gets the data as they are, a terminal without what it would take for a command.
    write: (data) => writeOutput(process.stdout.isTTY ? printable(data) : data, signal),
    finish: () => Promise.resolve(finishOutput()),
    abandon: () => Promise.resolve(),
  };
}

/**
 * Writes an export to a file.
 *
 * @param option that named the file
 * @throws {CliError} also each function of the output
 */
export async function openFileOutput(file: string, option = '--output'): Promise<ExportOutput> {
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new CliError(
        `cannot write to ${file}; free some space, or choose another with ${option}: ${errorMessage(error)}`,
      );
    }
  };
  const { write, finish, abandon } = await explained(() => fileOutput(file));
  return { write: (data) => explained(() => write(data)), finish: () => explained(finish), abandon };
}

/**
 * The file gets its name when it is complete: half an export would look like one of fewer calls. Until then its name is one of
 * its own, because another export may write the same file.
 */
async function fileOutput(file: string): Promise<ExportOutput> {
  const path = await realpath(file).catch(() => file);
  const replaced = await stat(path).catch(() => undefined);
  // A pipe or a device cannot be replaced.
  const isSpecial = replaced !== undefined && !replaced.isFile();
  const partial = isSpecial ? path : `${path}.${randomUUID().slice(0, 8)}.partial`;
  // As readable as the file that it replaces: it may have phone numbers.
  const handle = await open(partial, isSpecial ? 'w' : 'wx', replaced && replaced.mode & 0o777);
  return {
    write: (data) => handle.appendFile(data),
    finish: async () => {
      if (isSpecial) return await handle.close();
      await handle.sync();
      await handle.close();
      await rename(partial, path);
    },
    abandon: async () => {
      await handle.close();
      if (!isSpecial) await rm(partial, { force: true });
    },
  };
}
