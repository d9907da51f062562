import type { Database, Statement } from 'libsql';

import { explainSqliteError } from '../../outcomes/sqlite-errors.js';
import { SqliteFile } from '../../outcomes/sqlite-file.js';
import { migrateSqlite, verifySqlite } from '../../outcomes/sqlite-schema.js';
import type { OutcomesTarget } from '../../outcomes/url.js';
import { Mutex } from './mutex.js';
import { migrateCampaigns } from './schema.js';
import { bound, type SqlDatabase, type SqlTransaction, type SqlValue, withCampaignErrors } from './sql.js';

const TABLE_EXISTS = `SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1`;

/**
 * Campaigns in a SQLite file, beside the outcomes. A transaction holds the file's write lock from its start; the
 * transactions of this process take turns, because they share one connection.
 */
export class SqliteDatabase implements SqlDatabase {
  readonly outcomesTable = 'outcomes';
  readonly clock = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`;
  readonly #file: SqliteFile;
  readonly #redactedUrl: string;
  readonly #mutex = new Mutex();
  /** The connection whose tables are up to date. */
  #migrated: Database | undefined;
  #statements: PreparedStatements | undefined;

  constructor({ path, redactedUrl }: Extract<OutcomesTarget, { kind: 'sqlite' }>) {
    this.#redactedUrl = redactedUrl;
    this.#file = new SqliteFile({ path, redactedUrl, schema: { verify: verifySqlite, migrate: migrateSqlite } });
  }

  async read<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    return await this.#mutex.runExclusive(() => this.#transact('BEGIN', work));
  }

  async exclusive<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    return await this.#mutex.runExclusive(() => this.#transact('BEGIN IMMEDIATE', work));
  }

  async close(): Promise<void> {
    await this.#mutex.runExclusive(() => {
      this.#statements = undefined;
      return Promise.resolve(this.#file.close());
    });
  }

  async #transact<T>(begin: string, work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    const isOpenAndMigrated = await this.#file.use((db) => db === this.#migrated);
    if (!isOpenAndMigrated) await this.#migrate();
    return await withCampaignErrors(work, (observed) => this.#run(begin, observed));
  }

  async #migrate(): Promise<void> {
    this.#migrated = await this.#run('BEGIN IMMEDIATE', async (tx, db) => {
      await migrateCampaigns(tx, { redactedUrl: this.#redactedUrl, tableExists: TABLE_EXISTS });
      return db;
    });
  }

  async #run<T>(begin: string, work: (tx: SqlTransaction, db: Database) => Promise<T>): Promise<T> {
    const db = await this.#file.use((opened) => {
      opened.exec(begin);
      return opened;
    });
    try {
      if (this.#statements?.db !== db) this.#statements = new PreparedStatements(db);
      const result = await work(new SqliteTransaction(this.#statements), db);
      db.exec('COMMIT');
      return result;
    } catch (error) {
      // After some errors, such as a full disk, SQLite has rolled back by itself.
      if (db.inTransaction) db.exec('ROLLBACK');
      throw explainSqliteError(this.#redactedUrl, error);
    }
  }
}

class SqliteTransaction implements SqlTransaction {
  constructor(private readonly statements: PreparedStatements) {}

  rows<Row extends object>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    return promised(() => this.statements.of(sql).all(bound(values)) as Row[]);
  }

  run(sql: string, values: readonly SqlValue[] = []): Promise<void> {
    return promised(() => void this.statements.of(sql).run(bound(values)));
  }
}

/** More than there are statements; those of a batch of contacts differ by its size. */
const MAX_PREPARED = 200;

/**
 * The statements of a connection: parsing takes longer than running, by far for hundreds of contacts, and a statement is only
 * freed when it is collected.
 */
class PreparedStatements {
  readonly #bySql = new Map<string, Statement>();

  constructor(readonly db: Database) {}

  of(sql: string): Statement {
    const known = this.#bySql.get(sql);
    if (known) return known;
    if (this.#bySql.size >= MAX_PREPARED) this.#bySql.clear();
    const statement = this.db.prepare(numbered(sql));
    this.#bySql.set(sql, statement);
    return statement;
  }
}

/** SQLite writes a numbered parameter as `?1`. */
function numbered(sql: string): string {
  return sql.replaceAll(/\$(\d+)/g, '?$1');
}

/** The driver is synchronous: an error is to reject, as with any other database. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
