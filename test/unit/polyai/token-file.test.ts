import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { TokenFunction } from '../../../src/polyai/credentials.js';
import { tokenFile } from '../../../src/polyai/token-file.js';

// The real functions, counted, also for modules that another file of this process has loaded.
vi.hoisted(() => vi.resetModules());
vi.mock('node:fs/promises', { spy: true });

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-file-'));
  path = join(folder, 'token');
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.clearAllMocks();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const currentToken = (token: TokenFunction): string => token({ afterRejection: false }) as string;
const tokenAfterRejection = async (token: TokenFunction): Promise<string> => await token({ afterRejection: true });

/** Replaces the file atomically. */
function replace(content: string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

/** The token after the file has been checked again. */
async function tokenAfterCheck(token: TokenFunction): Promise<string> {
  vi.advanceTimersByTime(2_000);
  currentToken(token);
  for (const { mock } of [vi.mocked(fs.stat), vi.mocked(fs.readFile)]) {
    await Promise.allSettled(mock.results.map(({ value }) => value as Promise<unknown>));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return currentToken(token);
}

test('the token is the content of the file without the white space around it', () => {
  writeFileSync(path, ' t0ken\r\n');
  expect(currentToken(tokenFile(path))).toBe('t0ken');
});

test('no request waits for the disk: a thousand requests read nothing, and check the file once in two seconds', async () => {
  writeFileSync(path, 't0ken');
  const token = tokenFile(path);
  for (let times = 0; times < 1_000; times += 1) expect(currentToken(token)).toBe('t0ken');
  expect(fs.stat).not.toHaveBeenCalled();

  vi.advanceTimersByTime(2_000);
  for (let times = 0; times < 1_000; times += 1) expect(currentToken(token)).toBe('t0ken');
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let times = 0; times < 1_000; times += 1) currentToken(token);
  expect(fs.stat).toHaveBeenCalledOnce();
  // It has not changed.
  expect(fs.readFile).not.toHaveBeenCalled();
});

test('a replaced file is noticed within two seconds of use', async () => {
  writeFileSync(path, 'first');
  const token = tokenFile(path);
  replace('second');
  expect(currentToken(token)).toBe('first');
  expect(await tokenAfterCheck(token)).toBe('second');
});

test('a file that was written in place with the same length is noticed', async () => {
  writeFileSync(path, 'aaaaa');
  const token = tokenFile(path);
  await new Promise((resolve) => setTimeout(resolve, 20));
  writeFileSync(path, 'bbbbb');
  expect(await tokenAfterCheck(token)).toBe('bbbbb');
});

test('a secret that Kubernetes mounts and swaps, a link through a linked folder, is followed', async () => {
  const version = (name: string, content: string): void => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'token'), content);
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  version('..2026_01', 'first');
  symlinkSync(join('..data', 'token'), path);
  const token = tokenFile(path);
  expect(currentToken(token)).toBe('first');

  version('..2026_02', 'second');
  rmSync(join(folder, '..2026_01'), { recursive: true });
  expect(await tokenAfterCheck(token)).toBe('second');
});

test.each([
  ['is missing', (): void => unlinkSync(path)],
  ['is empty', (): void => writeFileSync(path, '')],
  ['holds only white space', (): void => writeFileSync(path, ' \n')],
  [
    'cannot be read',
    (): void => {
      unlinkSync(path);
      symlinkSync(path, path);
    },
  ],
  [
    'is a folder',
    (): void => {
      unlinkSync(path);
      mkdirSync(path);
    },
  ],
  ['is too long for a token', (): void => writeFileSync(path, 'x'.repeat(70_000))],
])('while the file %s, the last token stays in use until there is a new one', async (_state, spoil) => {
  writeFileSync(path, 'first');
  const token = tokenFile(path);
  spoil();
  expect(await tokenAfterCheck(token)).toBe('first');
  expect(await tokenAfterRejection(token)).toBe('first');

  rmSync(path, { recursive: true, force: true });
  replace('second');
  expect(await tokenAfterCheck(token)).toBe('second');
});

test('after a rejection the file is read at once, even when it seems unchanged', async () => {
  writeFileSync(path, 'first');
  const token = tokenFile(path);
  replace('second');
  expect(await tokenAfterRejection(token)).toBe('second');
  expect(currentToken(token)).toBe('second');
  expect(await tokenAfterRejection(token)).toBe('second');
  expect(fs.readFile).toHaveBeenCalledTimes(2);
});

test('concurrent rejections read the file once', async () => {
  writeFileSync(path, 'first');
  const token = tokenFile(path);
  replace('second');
  const tokens = await Promise.all(Array.from({ length: 100 }, () => tokenAfterRejection(token)));
  expect(new Set(tokens)).toEqual(new Set(['second']));
  expect(fs.readFile).toHaveBeenCalledOnce();
});

test('a rejection finds the new token, even when a check started before the file was replaced', async () => {
  writeFileSync(path, 'first');
  const token = tokenFile(path);
  vi.advanceTimersByTime(2_000);
  currentToken(token);
  replace('second');
  expect(await tokenAfterRejection(token)).toBe('second');
});

test.each([
  ['missing', (): void => undefined, /cannot be read \(ENOENT\)/],
  ['empty', (): void => writeFileSync(path, ' \n'), /is empty/],
  ['a folder', (): void => mkdirSync(path), /is not a file/],
  ['a link to itself', (): void => symlinkSync(path, path), /cannot be read \(ELOOP\)/],
])('a file that is %s at the start is an error that does not show the path', (_state, prepare, message) => {
  prepare();
  expect(() => tokenFile(path)).toThrow(message);
  expect(() => tokenFile(path)).toThrow(TypeError);
  expect(() => tokenFile(path)).not.toThrow(folder);
});
