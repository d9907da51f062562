import { mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Libsql from 'libsql';
import type { Database } from 'libsql';

import { closedStoreError, OutcomeStoreError, type OutcomeStoreProblem } from './store.js';

/** How long SQLite itself waits for a lock. Short, because it blocks the event loop. */
const SYNCHRONOUS_WAIT_MS = 50;
/** The mean pause between two attempts; the event loop runs meanwhile. */
const PAUSE_MS = 40;
const BUSY_TIMEOUT_MS = 10_000;

export interface SqliteFileOptions {
  readonly path: string;
  /** The URL without credentials, for error messages. */
  readonly redactedUrl: string;
  /**
   * How long to wait while another program locks the file, in milliseconds.
   * @default 10_000
   */
  readonly busyTimeoutMs?: number | undefined;
  /** Called with each new connection before its first use. */
  readonly prepare: (db: Database, redactedUrl: string) => void;
}

/** A connection to a SQLite file that other processes may use at the same time. */
export class SqliteFile {
  readonly #options: SqliteFileOptions;
  #db: Database | undefined;
  #fileId: bigint | undefined;
  #isClosed = false;

  constructor(options: SqliteFileOptions) {
    this.#options = options;
  }

  /**
   * Runs `work`; retries it while another program locks the file.
   *
   * @throws OutcomeStoreError
   */
  async use<T>(work: (db: Database) => T): Promise<T> {
    const { redactedUrl, busyTimeoutMs = BUSY_TIMEOUT_MS } = this.#options;
    const giveUpAt = performance.now() + busyTimeoutMs;
    for (;;) {
      try {
        return work(this.#open());
      } catch (error) {
        if (!isBusy(error) || performance.now() > giveUpAt) throw explainSqliteError(redactedUrl, error);
      }
      await sleep(PAUSE_MS * (0.5 + Math.random()));
    }
  }

  close(): void {
    this.#isClosed = true;
    try {
      // Moves the write-ahead log into the file, so that a copy of the file alone is complete.
      this.#db?.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // Another process uses the file. What the log holds is as safe as what the file holds.
    }
    this.#forget();
  }

  #open(): Database {
    const { path, redactedUrl, prepare } = this.#options;
    if (this.#isClosed) throw closedStoreError(redactedUrl);
    // The file was removed or replaced: a write to the old one would never be read.
    if (this.#db && fileIdOf(path) !== this.#fileId) this.#forget();
    if (!this.#db) {
      this.#db = openDatabase(path, redactedUrl, prepare);
      this.#fileId = fileIdOf(path);
    }
    return this.#db;
  }

  #forget(): void {
    this.#db?.close();
    this.#db = undefined;
  }
}

function openDatabase(path: string, redactedUrl: string, prepare: SqliteFileOptions['prepare']): Database {
  const Database = loadLibsql(redactedUrl);
  mkdirSync(dirname(path), { recursive: true });
  const db = new Database(path);
  try {
    db.pragma(`busy_timeout = ${SYNCHRONOUS_WAIT_MS}`);
    db.pragma('journal_mode = WAL');
    // Some builds default to NORMAL, which can lose the last transactions in a power cut.
    db.pragma('synchronous = FULL');
    prepare(db, redactedUrl);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** libsql is an optional dependency: it has no build for some platforms. It is loaded only when a SQLite store is opened. */
function loadLibsql(redactedUrl: string): typeof Libsql {
  try {
    return createRequire(import.meta.url)('libsql') as typeof Libsql;
  } catch {
    throw new OutcomeStoreError(redactedUrl, {
      code: 'driver-missing',
      problem:
        `needs the package libsql, which is not installed or has no build for ${process.platform}-${process.arch}: ` +
        'install it (npm install libsql), or use a "postgres://…" store, or "off"',
    });
  }
}

function fileIdOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Runs `work` in a transaction that takes the write lock at its start, so that it cannot lose a race for it later. */
export function inTransaction<T>(db: Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // After some errors, such as a full disk, SQLite has rolled back by itself.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

const BUSY = 5;
const LOCKED = 6;
/** SQLITE_PROTOCOL: the race for the locks of the write-ahead log was lost many times in a row. */
const PROTOCOL = 15;

const FAILED_TO_OPEN = /^ConnectionFailed\(.*: (\d+)"\)$/s;

type Remedy = Pick<OutcomeStoreProblem, 'code' | 'problem'>;

const NO_ACCESS = 'forbidden' as const;
const NO_FOLDER = 'cannot be created: give this process write access to the folder';

/** By SQLite's primary result code. */
const SQLITE_REMEDIES: Readonly<Record<number, Remedy>> = {
  3: { code: NO_ACCESS, problem: 'cannot be read and written: give this process access to the file and its folder' },
  8: { code: 'read-only', problem: 'cannot be written to: give this process write access to the file and its folder' },
  10: { code: 'unusable', problem: 'cannot be read or written: check the disk, and keep the file off network drives' },
  11: { code: 'damaged', problem: 'is damaged: restore a backup, or use another file' },
  13: { code: 'full', problem: 'cannot grow: the disk is full, free some space' },
  14: { code: NO_ACCESS, problem: 'cannot be opened: give this process access to the file and its folder' },
  26: { code: 'damaged', problem: 'is not a SQLite database: use another file' },
};

/** By the code of a file system error. */
const FILE_REMEDIES: Readonly<Record<string, Remedy>> = {
  EACCES: { code: NO_ACCESS, problem: NO_FOLDER },
  EPERM: { code: NO_ACCESS, problem: NO_FOLDER },
  EROFS: { code: 'read-only', problem: 'cannot be created: the file system is read-only, use a file elsewhere' },
  ENOSPC: { code: 'full', problem: 'cannot be created: the disk is full, free some space' },
  ENOTDIR: { code: 'not-found', problem: 'cannot be created: a part of its path is a file, use another path' },
  EEXIST: { code: 'not-found', problem: 'cannot be created: its folder is a file, use another path' },
};

/** Whether another connection holds a lock, so that waiting helps. */
function isBusy(error: unknown): boolean {
  return [BUSY, LOCKED, PROTOCOL].includes(primaryCodeOf(error) ?? 0);
}

function explainSqliteError(redactedUrl: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OutcomeStoreError || error instanceof TypeError) return error;
  if (isBusy(error)) {
    const problem = 'is locked by another program for too long: end that program, or try again';
    return new OutcomeStoreError(redactedUrl, { code: 'locked', problem, isTransient: true });
  }
  const { code } = error as NodeJS.ErrnoException;
  const remedy = SQLITE_REMEDIES[primaryCodeOf(error) ?? 0] ?? FILE_REMEDIES[code ?? ''];
  const { problem } = remedy ?? { problem: 'cannot be used' };
  return new OutcomeStoreError(redactedUrl, {
    code: remedy?.code ?? 'unusable',
    problem: `${problem} (${error.message})`,
  });
}

function primaryCodeOf(error: unknown): number | undefined {
  const { rawCode, message } = error as { readonly rawCode?: unknown; readonly message?: string };
  // For a file that cannot be opened, libsql gives the code in the message only.
  const code = rawCode ?? FAILED_TO_OPEN.exec(message ?? '')?.[1];
  return code === undefined ? undefined : Number(code) & 0xff;
}
