import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

import type { TokenFunction } from './credentials.js';

/** How often the file is looked at while its token works: a stat, and no reading unless it has changed. */
const LOOK_EVERY_MS = 2_000;

/** No token is as long; it keeps whoever names the wrong file from reading all of it. */
const MAX_BYTES = 64n * 1024n;

/**
 * The token as the content of a file, such as a mounted secret: for `PolyAiClientOptions.token`. It is read now, when the
 * file has changed, and again when the API has refused it. While the file is missing or empty, as when it is replaced,
 * the last token is kept.
 *
 * @throws {TypeError} when there is no token to be read now; the message does not show the path
 */
export function tokenFile(path: string): TokenFunction {
  const file = new TokenFile(path);
  return ({ afterRejection }) => (afterRejection ? file.reread() : file.current());
}

class TokenFile {
  #token: string;
  #version: string;
  #lookedAtMs = performance.now();
  #looking: Promise<void> | undefined;

  constructor(private readonly path: string) {
    const { token, version } = readNow(path);
    this.#token = token;
    this.#version = version;
  }

  /** At once: no request waits for the disk. */
  current(): string {
    if (performance.now() - this.#lookedAtMs >= LOOK_EVERY_MS) void this.#look(false);
    return this.#token;
  }

  async reread(): Promise<string> {
    // A look that is under way may have begun before the file was replaced.
    await this.#looking;
    await this.#look(true);
    return this.#token;
  }

  async #look(isReadAnyway: boolean): Promise<void> {
    this.#looking ??= this.#readIf(isReadAnyway).finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  async #readIf(isReadAnyway: boolean): Promise<void> {
    this.#lookedAtMs = performance.now();
    try {
      const stats = await stat(this.path, { bigint: true });
      const version = versionOf(stats);
      if (!isReadAnyway && version === this.#version) return;
      if (!isTokenFile(stats)) return;
      const token = (await readFile(this.path, 'utf8')).trim();
      if (token === '') return;
      this.#token = token;
      this.#version = version;
    } catch {
      // Being replaced, or gone: the last token is kept.
    }
  }
}

function readNow(path: string): { readonly token: string; readonly version: string } {
  const stats = attempt(() => statSync(path, { bigint: true }));
  if (!isTokenFile(stats)) throw new TypeError('the token file is no file, or too long to hold a token');
  const token = attempt(() => readFileSync(path, 'utf8')).trim();
  if (token === '') throw new TypeError('the token file is empty');
  return { token, version: versionOf(stats) };
}

/** Of what the file system says only the code: a path that is none may be a token in the wrong place. */
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

/** Of what a symbolic link leads to: a swapped link is another file. */
function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}
