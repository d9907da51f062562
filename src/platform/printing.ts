import { once } from 'node:events';
import { fstatSync, fsyncSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';

import { errorMessage } from './error-message.js';
import { plainText } from './plain-text.js';

/** A value from outside in one line, without escape sequences and control characters. */
export function oneLine(text: string): string {
  return printableLine(text).replaceAll(/\s+/g, ' ').trim();
}

/** Text for a terminal: its lines stay; escape sequences and control characters, which may come from outside, do not. */
export function printable(text: string): string {
  return text.split(/\r?\n/).map(printableLine).join('\n');
}

/** A line of columns for a terminal: as `oneLine`, but its spaces stay. */
export function printableLine(line: string): string {
  return plainText(stripVTControlCharacters(line));
}

/** JSON in one line. What a terminal could take for a command is escaped, so that the value stays the same. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\p{Cc}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `1,234`. */
export function amount(count: number): string {
  return count.toLocaleString('en');
}

/** `1 call`, `2 calls`; for words that take an s. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Prints lines to stdout. All output of commands goes through this module. */
export function print(text: string): void {
  write(`${printable(text)}\n`);
}

/** Prints lines to stderr. */
export function printError(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Prints a value to stdout as JSON in one line. */
export function printJson(value: unknown): void {
  write(`${printableJson(value)}\n`);
}

/**
 * Writes data to stdout as it is, no faster than it is read.
 *
 * @throws {Error} when it cannot be written, such as to a full disk
 */
export async function writeOutput(data: string, signal?: AbortSignal): Promise<void> {
  if (!write(data)) await once(process.stdout, 'drain', { signal });
}

/**
 * Ends what `writeOutput` wrote: a file is on the disk then.
 *
 * @throws {Error} when it is not
 */
export function finishOutput(): void {
  if (kindOfStdout() === 'file') attempt(() => fsyncSync(STDOUT));
}

const STDOUT = 1;

function write(data: string): boolean {
  if (kindOfStdout() === 'stream') return process.stdout.write(data);
  attempt(() => writeAll(Buffer.from(data)));
  return true;
}

/** `process.stdout` drops what a file did not take: a nearly full disk takes a part of a write, without an error. */
function writeAll(data: Buffer): void {
  for (let written = 0; written < data.length;) written += writeSync(STDOUT, data, written);
}

function attempt(output: () => void): void {
  try {
    output();
  } catch (error) {
    throw new Error(`the output cannot be written: ${errorMessage(error)}`, { cause: error });
  }
}

function kindOfStdout(): 'file' | 'device' | 'stream' {
  if (isatty(STDOUT)) return 'stream';
  const status = fstatSync(STDOUT);
  if (status.isFile()) return 'file';
  return status.isCharacterDevice() ? 'device' : 'stream';
}
