import { open, realpath, rename, rm, stat } from 'node:fs/promises';

import { CliError } from '../cli-error.js';
import { writeStandardOutput } from './standard-output.js';

/** Where an export goes. */
export interface ExportOutput {
  write(text: string): Promise<void>;
  /** Everything has been written. */
  finish(): Promise<void>;
  /** Nothing more will come. */
  abandon(): Promise<void>;
}

/** @param file a path; absent for stdout */
export async function openExportOutput(file: string | undefined, signal: AbortSignal): Promise<ExportOutput> {
  if (file === undefined) return standardOutput(signal);
  try {
    return await fileOutput(file);
  } catch (error) {
    throw new CliError(`cannot write to ${file}; choose another with --output: ${(error as Error).message}`);
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
