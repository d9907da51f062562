import { mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Libsql from 'libsql';
import type { Database } from 'libsql';

import { migrateSqlite } from './sqlite-schema.js';
import { closedStoreError, OutcomeStoreError } from './store.js';

/** How long SQLite itself waits for a lock. Nothing else happens in the process meanwhile, hence so short. */
const SYNCHRONOUS_WAIT_MS = 50;
/** The mean pause between two attempts, in which the process goes on. */
const PAUSE_MS = 40;
const BUSY_TIMEOUT_MS = 10_000;

export interface SqliteFileOptions {
  readonly path: string;
  readonly shown: string;
  /** How long to wait for other programs that lock the file, in milliseconds. */
  readonly busyTimeoutMs?: number | undefined;
}

/** A connection to a SQLite file that other processes use too. */
export class SqliteFile {
  readonly #options: SqliteFileOptions;
  #db: Database | undefined;
  #fileId: bigint | undefined;
  #isClosed = false;

  constructor(options: SqliteFileOptions) {
    this.#options = options;
  }

  /**
   * Runs `work`, again while another program locks the file.
   *
   * @throws OutcomeStoreError
   */
  async use<T>(work: (db: Database) => T): Promise<T> {
    const { shown, busyTimeoutMs = BUSY_TIMEOUT_MS } = this.#options;
    const giveUpAt = performance.now() + busyTimeoutMs;
    for (;;) {
      try {
        return work(this.#open());
      } catch (error) {
        if (!isBusy(error) || performance.now() > giveUpAt) throw explainSqliteError(shown, error);
      }
      await sleep(PAUSE_MS * (0.5 + Math.random()));
    }
  }

  close(): void {
    this.#isClosed = true;
    try {
      // Then the one file is all there is, until the next save: whoever copies it misses nothing.
      this.#db?.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // Another process uses it; what is in the log is as safe as in the file.
    }
    this.#forget();
  }

  #open(): Database {
    const { path, shown } = this.#options;
    if (this.#isClosed) throw closedStoreError(shown);
    // Someone has removed or replaced the file: what is written to the old one, nobody would ever read.
    if (this.#db && fileIdOf(path) !== this.#fileId) this.#forget();
    if (!this.#db) {
      this.#db = openDatabase(path, shown);
      this.#fileId = fileIdOf(path);
    }
    return this.#db;
  }

  #forget(): void {
    this.#db?.close();
    this.#db = undefined;
  }
}

function openDatabase(path: string, shown: string): Database {
  const Database = loadLibsql(shown);
  mkdirSync(dirname(path), { recursive: true });
  const db = new Database(path);
  try {
    db.pragma(`busy_timeout = ${SYNCHRONOUS_WAIT_MS}`);
    db.pragma('journal_mode = WAL');
    // The default of some builds would lose the last outcomes in a power cut.
    db.pragma('synchronous = FULL');
    migrateSqlite(db, shown);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** An optional dependency with a build for each platform: loaded only where it is used, and not to be had everywhere. */
function loadLibsql(shown: string): typeof Libsql {
  try {
    return createRequire(import.meta.url)('libsql') as typeof Libsql;
  } catch {
    throw new OutcomeStoreError(
      shown,
      `needs the package libsql, which is not installed or has no build for ${process.platform}-${process.arch}: ` +
        'install it (npm install libsql), or set POLYAI_OUTCOMES_URL to "postgres://…" or "off"',
    );
  }
}

function fileIdOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

const BUSY = 5;
const LOCKED = 6;
/** The race for the locks of the write-ahead log was lost many times in a row. */
const PROTOCOL = 15;

const FAILED_TO_OPEN = /^ConnectionFailed\(.*: (\d+)"\)$/s;

/** By SQLite's primary result codes. */
const REMEDIES: Readonly<Record<number, string>> = {
  3: 'cannot be read and written: give this process access to the file and its folder',
  8: 'cannot be written to: give this process write access to the file and its folder',
  10: 'cannot be read or written: look after the disk, and keep the file off network drives',
  11: 'is damaged: put a backup in its place, or name another file',
  13: 'cannot take more: the disk is full, free some space',
  14: 'cannot be opened: give this process access to the file and its folder',
  26: 'is no SQLite database: name another file',
};

const FILE_REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'cannot be made: give this process write access to the folder',
  EPERM: 'cannot be made: give this process write access to the folder',
  EROFS: 'cannot be made: the file system is read-only, name a file elsewhere',
  ENOSPC: 'cannot be made: the disk is full, free some space',
  ENOTDIR: 'cannot be made: a part of its path is a file, name another',
  EEXIST: 'cannot be made: its folder is a file, name another',
};

/** Whether another connection was in the way, so that waiting helps. */
function isBusy(error: unknown): boolean {
  return [BUSY, LOCKED, PROTOCOL].includes(primaryCodeOf(error) ?? 0);
}

/** Says what to do. */
function explainSqliteError(shown: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OutcomeStoreError || error instanceof TypeError) return error;
  if (isBusy(error)) {
    return new OutcomeStoreError(shown, 'is locked by another program for too long: end that, or try again', true);
  }
  const { code } = error as NodeJS.ErrnoException;
  const remedy = REMEDIES[primaryCodeOf(error) ?? 0] ?? FILE_REMEDIES[code ?? ''];
  return new OutcomeStoreError(shown, `${remedy ?? 'cannot be used'} (${error.message})`);
}

function primaryCodeOf(error: unknown): number | undefined {
  const { rawCode, message } = error as { readonly rawCode?: unknown; readonly message?: string };
  // Of a file that could not even be opened, libsql tells the code in the message only.
  const code = rawCode ?? FAILED_TO_OPEN.exec(message ?? '')?.[1];
  return code === undefined ? undefined : Number(code) & 0xff;
}
