import { createReadStream, open as openCallback } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

import { errorMessage } from '../platform/error-message.js';
import { CliError } from './terminal.js';

/** A file or stdin, opened to be read. */
export interface Source {
  /** For people. */
  readonly name: string;
  /** What `bytes` are read from. */
  readonly source: Readable;
  /** Throws a {@link CliError} that names the file. */
  readonly bytes: AsyncIterable<Buffer>;
  /** How much has been read, from 0 to 1; `undefined` when nobody knows how much there is. */
  readonly readShare: () => number | undefined;
}

/**
 * Opens a file, a pipe, or stdin.
 *
 * @param file `-` for stdin
 * @throws {CliError} when it cannot be read
 */
export async function openSource(file: string): Promise<Source> {
  const name = file === '-' ? 'stdin' : file;
  const { source, size } = await openReadable(file);
  let read = 0;
  const bytes = readBytes(source, { name, observe: (chunk) => (read += chunk.length) });
  return { name, source, bytes, readShare: () => (size ? read / size : undefined) };
}

interface OpenedFile {
  readonly source: Readable;
  /** In bytes, of a file. */
  readonly size?: number;
}

async function openReadable(file: string): Promise<OpenedFile> {
  if (file === '-') return { source: process.stdin };
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new Error('it is a folder');
    if (found.isFIFO()) return { source: await openPipe(file) };
    return { source: createReadStream(file), ...(found.isFile() && { size: found.size }) };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** As a socket, because a file that is waiting for data cannot be closed: `<(zcat contacts.csv.gz)` is such a pipe. */
async function openPipe(file: string): Promise<Readable> {
  return new Socket({ fd: await promisify(openCallback)(file, 'r'), readable: true, writable: false });
}

interface BytesOptions {
  readonly name: string;
  readonly observe: (chunk: Buffer) => void;
}

async function* readBytes(source: Readable, { name, observe }: BytesOptions): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      observe(chunk);
      yield chunk;
    }
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): CliError {
  return new CliError(`cannot read ${name}: ${errorMessage(error)}`);
}
