import { mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type Libsql from 'libsql';
import type { Database } from 'libsql';

import { explainSqliteError, isBusy } from './sqlite-errors.js';
import { closedStoreError, OutcomeStoreError } from './store.js';

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
  /** Called with each new connection, first `verify`, which must not write. */
  readonly schema: SqliteSchema;
}

/** What a connection must find in the file before its first use. */
export interface SqliteSchema {
  /** Rejects a file that is not to be changed. Reads only. */
  readonly verify: (db: Database, redactedUrl: string) => void;
  /** Creates or updates the tables. */
  readonly migrate?: (db: Database, redactedUrl: string) => void;
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
    this.#disconnect();
  }

  #open(): Database {
    const { path, redactedUrl } = this.#options;
    if (this.#isClosed) throw closedStoreError(redactedUrl);
    // The file was removed or replaced: a write to the old one would never be read.
    if (this.#db && fileIdOf(path) !== this.#fileId) this.#disconnect();
    if (!this.#db) {
      this.#db = openDatabase(this.#options);
      this.#fileId = fileIdOf(path);
    }
    return this.#db;
  }

  #disconnect(): void {
    const db = this.#db;
    this.#db = undefined;
    try {
      // Moves the write-ahead log into the file: a copy of the file alone is complete, and a file in its place gets no old log.
      db?.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // Another process uses the file. What the log holds is as safe as what the file holds.
    }
    db?.close();
  }
}

function openDatabase({ path, redactedUrl, schema }: SqliteFileOptions): Database {
  const Database = loadLibsql(redactedUrl);
  mkdirSync(dirname(path), { recursive: true });
  verifyLog(Database, path, redactedUrl);
  const db = new Database(path);
  try {
    db.pragma(`busy_timeout = ${SYNCHRONOUS_WAIT_MS}`);
    schema.verify(db, redactedUrl);
    db.pragma('journal_mode = WAL');
    // Some builds default to NORMAL, which can lose the last transactions in a power cut.
    db.pragma('synchronous = FULL');
    schema.migrate?.(db, redactedUrl);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Rejects a file whose write-ahead log belongs to another one: SQLite would write its pages into this one. That is what a
 * process leaves that was killed, when a backup is then copied over its file. Takes about 0.5 s for a million outcomes.
 */
function verifyLog(Database: typeof Libsql, path: string, redactedUrl: string): void {
  const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeOf(path) === 0 || sizeOf(`${path}-wal`) === 0) return;
  const db = new Database(`${pathToFileURL(path).href}?mode=ro`);
  try {
    db.pragma(`busy_timeout = ${SYNCHRONOUS_WAIT_MS}`);
    const [result] = db.prepare('PRAGMA quick_check(1)').all() as { readonly quick_check: string }[];
    if (result?.quick_check === 'ok') return;
    throw new OutcomeStoreError(redactedUrl, {
      code: 'damaged',
      problem:
        'does not fit the file beside it that ends in -wal, or is damaged: stop every process that uses it, delete the files ' +
        'that end in -wal and -shm, and restore the backup again',
    });
  } finally {
    db.close();
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
export function inSqliteTransaction<T>(db: Database, work: () => T): T {
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
