import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { onTestFinished } from 'vitest';

import type { CliProcess } from './cli-process.js';
import { eventually } from './eventually.js';

/** Makes a named pipe: a file that a command reads while a test writes it. */
export function makePipe(path: string): void {
  execFileSync('mkfifo', [path]);
}

/**
 * Writes to a named pipe that a command reads, and leaves it open until the end of the test: more could come. Nothing blocks when
 * the command never opens it, or ends before it has read all.
 */
export async function writeToPipe(path: string, text: string, reader: CliProcess): Promise<void> {
  let hasEnded = false;
  void reader.exited().then(() => (hasEnded = true));
  const pipe = await eventually(`a reader of ${path}`, async () => {
    if (hasEnded) throw new Error(`the command ended before it read ${path}:\n${reader.stderr}`);
    return await unless('ENXIO', () => open(path, constants.O_WRONLY | constants.O_NONBLOCK));
  });
  onTestFinished(() => pipe.close());
  await writeAll(pipe, Buffer.from(text));
}

async function writeAll(pipe: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await eventually('space in the pipe', async () => {
      const result = await unless('EAGAIN', () => pipe.write(bytes, written));
      return result?.bytesWritten;
    });
  }
}

/** `undefined` when it fails with this error: there is no reader, or the pipe is full. */
async function unless<T>(code: string, attempt: () => Promise<T>): Promise<T | undefined> {
  try {
    return await attempt();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}
