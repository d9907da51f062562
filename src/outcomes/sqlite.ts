import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'libsql';

import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';
import { listInPages, type SqlDialect } from './pages.js';
import { fromRow, OUTCOME_COLUMNS, type OutcomeRow, text, toRow, valuesOf } from './rows.js';
import { SqliteFile, type SqliteFileOptions } from './sqlite-file.js';
import { writeSchemaVersion } from './sqlite-schema.js';
import type { OpenOutcomeStore, OutcomeQuery } from './store.js';

const COLUMNS = OUTCOME_COLUMNS.join(', ');

const DIALECT: SqlDialect = { table: 'outcomes', selection: COLUMNS, placeholder: () => '?' };

const SAVE = `
  INSERT INTO outcomes (${COLUMNS}) VALUES (${OUTCOME_COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (call_sid) DO UPDATE SET ${OUTCOME_COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}
  WHERE outcomes.status IS NULL
    AND (excluded.status IS NOT NULL OR excluded.last_status IS NOT NULL OR outcomes.last_status IS NULL)`;

const GET = `SELECT ${COLUMNS} FROM outcomes WHERE call_sid = ?`;

interface WaitingSave {
  readonly outcome: OutcomeRecord;
  readonly resolve: (stored: StoredOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Keeps outcomes in a SQLite file, which several processes may use at once. */
export class SqliteStore implements OpenOutcomeStore {
  readonly #file: SqliteFile;
  #waiting: WaitingSave[] = [];
  #saving: Promise<void> | undefined;

  constructor(options: SqliteFileOptions) {
    this.#file = new SqliteFile(options);
  }

  /** @throws OutcomeStoreError when the file cannot be opened or made */
  static async open(options: SqliteFileOptions): Promise<SqliteStore> {
    const store = new SqliteStore(options);
    await store.#file.use(() => undefined);
    return store;
  }

  async save(outcome: OutcomeRecord): Promise<StoredOutcome> {
    // A wrong one fails by itself, not with the group that it would be saved in.
    toRow(outcome, outcome.finishedAt);
    return await new Promise<StoredOutcome>((resolve, reject) => {
      this.#waiting.push({ outcome, resolve, reject });
      this.#saving ??= this.#saveWaiting();
    });
  }

  async get(callSid: string): Promise<StoredOutcome | undefined> {
    return await this.#file.use((db) => storedOutcome(db, callSid));
  }

  list(query: OutcomeQuery = {}): AsyncIterable<StoredOutcome> {
    return listInPages(query, DIALECT, async ({ sql, values }) => {
      // A page is read in one go; whatever else the process does has its turn between two.
      await nextTurn();
      return await this.#file.use((db) => db.prepare(sql).all(values) as OutcomeRow[]);
    });
  }

  async check(): Promise<void> {
    await this.#file.use((db) => inTransaction(db, () => writeSchemaVersion(db)));
  }

  async close(): Promise<void> {
    await this.#saving;
    this.#file.close();
  }

  /** Saves what arrives in one turn of the event loop in one transaction: each costs a write that the disk confirms. */
  async #saveWaiting(): Promise<void> {
    do {
      await nextTurn();
      const group = this.#waiting;
      this.#waiting = [];
      await this.#saveGroup(group);
    } while (this.#waiting.length > 0);
    this.#saving = undefined;
  }

  async #saveGroup(group: readonly WaitingSave[]): Promise<void> {
    try {
      const stored = await this.#file.use((db) =>
        inTransaction(db, () => group.map(({ outcome }) => put(db, outcome))),
      );
      for (const [index, { resolve }] of group.entries()) resolve(stored[index]!);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}

function put(db: Database, outcome: OutcomeRecord): StoredOutcome {
  db.prepare(SAVE).run(valuesOf(toRow(outcome, new Date().toISOString())));
  return storedOutcome(db, outcome.callSid)!;
}

function storedOutcome(db: Database, callSid: string): StoredOutcome | undefined {
  const row = db.prepare(GET).get([text(callSid)]) as OutcomeRow | undefined;
  return row && fromRow(row);
}

/** Runs `work` in a transaction that holds the write lock from the start, so that it cannot fail half way for want of it. */
export function inTransaction<T>(db: Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // After some errors, such as a full disk, SQLite has done so itself.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
