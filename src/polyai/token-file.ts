import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

import type { TokenFunction } from './credentials.js';

/** How often the file is checked for a change while its token works. */
const CHECK_INTERVAL_MS = 2_000;

/** No token is longer; a large file that was named by mistake is not read. */
const MAX_BYTES = 64n * 1024n;

/**
 * A token function that reads a file, such as a mounted secret: for `PolyAiClientOptions.token`. It reads the file now,
 * when it has changed, and when the API has rejected the token. While the file is missing or empty, for example during
 * its replacement, the last token stays in use.
 *
 * @throws {TypeError} when the file contains no token now; the message does not show the path
 */
export function tokenFile(path: string): TokenFunction {
  const file = new TokenFile(path);
  return ({ afterRejection }) => (afterRejection ? file.reload() : file.current());
}

class TokenFile {
  #token: string;
  #version: string;
  #checkedAtMs = performance.now();
  #checking: Promise<void> | undefined;

  constructor(private readonly path: string) {
    const { token, version } = readNow(path);
    this.#token = token;
    this.#version = version;
  }

  /** Returns at once: no request waits for the disk. */
  current(): string {
    if (performance.now() - this.#checkedAtMs >= CHECK_INTERVAL_MS) void this.#check(false);
    return this.#token;
  }

  async reload(): Promise<string> {
    // A check in progress may have started before the file was replaced.
    await this.#checking;
    await this.#check(true);
    return this.#token;
  }

  async #check(isForced: boolean): Promise<void> {
    this.#checking ??= this.#read(isForced).finally(() => (this.#checking = undefined));
    await this.#checking;
  }

  async #read(isForced: boolean): Promise<void> {
    this.#checkedAtMs = performance.now();
    try {
      const stats = await stat(this.path, { bigint: true });
      const version = versionOf(stats);
      if (!isForced && version === this.#version) return;
      if (!isTokenFile(stats)) return;
      const token = (await readFile(this.path, 'utf8')).trim();
      if (token === '') return;
      this.#token = token;
      this.#version = version;
    } catch {
      // Missing or being replaced: the last token stays in use.
    }
  }
}

function readNow(path: string): { readonly token: string; readonly version: string } {
  const stats = attempt(() => statSync(path, { bigint: true }));
  if (!isTokenFile(stats)) throw new TypeError('the token file is not a file, or too large for a token');
  const token = attempt(() => readFileSync(path, 'utf8')).trim();
  if (token === '') throw new TypeError('the token file is empty');
  return { token, version: versionOf(stats) };
}

/** Errors show the code of the file system only: the path may be a token in the wrong place. */
function attempt<T>(read: () => T): T {
  let code: string | undefined;
  try {
    return read();
  } catch (error) {
    ({ code } = error as NodeJS.ErrnoException);
  }
  throw new TypeError(`the token file cannot be read (${code ?? 'unknown error'})`);
}

function isTokenFile(stats: BigIntStats): boolean {
  return stats.isFile() && stats.size <= MAX_BYTES;
}

/** Of the target of a symbolic link: a swapped link is another file. */
function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}
