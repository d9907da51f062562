import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'libsql';

import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';
import { listInPages, type SqlDialect } from './pages.js';
import { fromRow, OUTCOME_COLUMNS, type OutcomeRow, text, toRow, valuesOf } from './rows.js';
import { inSqliteTransaction, SqliteFile, type SqliteFileOptions } from './sqlite-file.js';
import { migrateSqlite, requireMigratedSqlite, verifySqlite, writeSchemaVersion } from './sqlite-schema.js';
import {
  type OpenOutcomeStore,
  type OpenOutcomeStoreOptions,
  type OutcomeQuery,
  OutcomeStoreError,
  PROBE,
} from './store.js';

const COLUMNS = OUTCOME_COLUMNS.join(', ');

const DIALECT: SqlDialect = { table: 'outcomes', selection: COLUMNS, parameter: () => '?' };

const SAVE = `
  INSERT INTO outcomes (${COLUMNS}) VALUES (${OUTCOME_COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (call_sid) DO UPDATE SET ${OUTCOME_COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}
  WHERE outcomes.status IS NULL
    AND (excluded.status IS NOT NULL OR excluded.last_status IS NOT NULL OR outcomes.last_status IS NULL)`;

const GET = `SELECT ${COLUMNS} FROM outcomes WHERE call_sid = ?`;

type SqliteStoreOptions = Omit<SqliteFileOptions, 'schema'> & OpenOutcomeStoreOptions;

interface PendingSave {
  readonly outcome: OutcomeRecord;
  readonly resolve: (stored: StoredOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Stores outcomes in a SQLite file, which several processes may use at the same time. */
export class SqliteStore implements OpenOutcomeStore {
  readonly #file: SqliteFile;
  #pending: PendingSave[] = [];
  #saving: Promise<void> | undefined;

  private constructor({ migrate = true, ...options }: SqliteStoreOptions) {
    const schema = { verify: verifySqlite, migrate: migrateSqlite };
    this.#file = new SqliteFile({ ...options, schema: migrate ? schema : { verify: requireMigratedSqlite } });
  }

  /** @throws OutcomeStoreError when the file cannot be opened or created */
  static async open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const { path, redactedUrl, migrate = true } = options;
    if (!migrate && !existsSync(path)) {
      const problem = 'does not exist: a worker creates it when it starts';
      throw new OutcomeStoreError(redactedUrl, { code: 'not-found', problem });
    }
    const store = new SqliteStore(options);
    await store.#file.use(() => undefined);
    return store;
  }

  async save(outcome: OutcomeRecord): Promise<StoredOutcome> {
    // Validates the outcome now, so that an invalid one does not fail the batch it would be saved in.
    toRow(outcome, outcome.finishedAt);
    return await new Promise<StoredOutcome>((resolve, reject) => {
      this.#pending.push({ outcome, resolve, reject });
      this.#saving ??= this.#savePending();
    });
  }

  async get(callSid: string): Promise<StoredOutcome | undefined> {
    return await this.#file.use((db) => find(db, callSid));
  }

  list(query: OutcomeQuery = {}): AsyncIterable<StoredOutcome> {
    return listInPages(query, DIALECT, async ({ sql, values }) => {
      // Reading a page blocks the event loop; let other work run between two pages.
      await nextTurn();
      return await this.#file.use((db) => db.prepare(sql).all(values) as OutcomeRow[]);
    });
  }

  async check(): Promise<void> {
    await this.#file.use((db) => {
      inSqliteTransaction(db, () => {
        db.exec('SAVEPOINT probe');
        upsert(db, PROBE);
        db.exec('ROLLBACK TO probe');
        writeSchemaVersion(db);
      });
    });
  }

  async close(): Promise<void> {
    await this.#saving;
    this.#file.close();
  }

  /** One transaction for all saves of one turn of the event loop, because each transaction costs an fsync. */
  async #savePending(): Promise<void> {
    do {
      await nextTurn();
      const batch = this.#pending;
      this.#pending = [];
      await this.#saveBatch(batch);
    } while (this.#pending.length > 0);
    this.#saving = undefined;
  }

  async #saveBatch(batch: readonly PendingSave[]): Promise<void> {
    try {
      const stored = await this.#file.use((db) =>
        inSqliteTransaction(db, () => batch.map(({ outcome }) => upsert(db, outcome))),
      );
      for (const [index, { resolve }] of batch.entries()) resolve(stored[index]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function upsert(db: Database, outcome: OutcomeRecord): StoredOutcome {
  db.prepare(SAVE).run(valuesOf(toRow(outcome, new Date().toISOString())));
  return find(db, outcome.callSid)!;
}

function find(db: Database, callSid: string): StoredOutcome | undefined {
  const row = db.prepare(GET).get([text(callSid)]) as OutcomeRow | undefined;
  return row && fromRow(row);
}
