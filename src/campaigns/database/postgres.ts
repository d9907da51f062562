import { createRequire } from 'node:module';
import type * as Pg from 'pg';
import type { CustomTypesConfig, PoolClient } from 'pg';

import { inPostgresTransaction } from '../../outcomes/postgres-connection.js';
import { PostgresPool, type PostgresTarget } from '../../outcomes/postgres-pool.js';
import { migratePostgres, OUTCOMES_TABLE } from '../../outcomes/postgres-schema.js';
import { Mutex } from './mutex.js';
import { migrateCampaigns } from './schema.js';
import { bound, type SqlDatabase, type SqlTransaction, type SqlValue, withCampaignErrors } from './sql.js';

/** An arbitrary key of an advisory lock that no other program in the database is likely to use. */
const EXCLUSIVE_LOCK = '4718230945517629983';
const TABLE_EXISTS = `SELECT 1 AS found WHERE to_regclass($1) IS NOT NULL`;
/** When the server gives up a transaction whose worker's host is gone: before those that wait for its lock time out. */
const IDLE_TIMEOUT_MS = 5_000;
/** `int8`, the type of `bigint` and `count(*)`. */
const INT8 = 20;

/** Campaigns in a PostgreSQL database, beside the outcomes. */
export class PostgresDatabase implements SqlDatabase {
  readonly outcomesTable = OUTCOMES_TABLE;
  // The transaction's own start would be before its wait for the lock.
  readonly clock = `CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`;
  readonly #pool: PostgresPool;
  readonly #redactedUrl: string;
  /** Of this process: those that would wait for the lock wait here instead, without a connection. */
  readonly #mutex = new Mutex();
  #migrating: Promise<void> | undefined;

  constructor(target: PostgresTarget) {
    this.#redactedUrl = target.redactedUrl;
    this.#pool = new PostgresPool(target, numbersOf());
  }

  async read<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    return await this.#transact(async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return await work(new PostgresTransaction(client));
    });
  }

  async exclusive<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    return await this.#mutex.runExclusive(() =>
      this.#transact(async (client) => {
        await client.query(
          `SELECT set_config('idle_in_transaction_session_timeout', '${IDLE_TIMEOUT_MS}', true),
             pg_advisory_xact_lock(${EXCLUSIVE_LOCK})`,
        );
        return await work(new PostgresTransaction(client));
      }),
    );
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #transact<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    this.#migrating ??= this.#migrate().catch((error: unknown) => {
      this.#migrating = undefined;
      throw error;
    });
    await this.#migrating;
    return await withCampaignErrors(work, (observed) =>
      this.#pool.use((pool) => inPostgresTransaction(pool, observed)),
    );
  }

  async #migrate(): Promise<void> {
    await this.#pool.use(async (pool) => {
      await migratePostgres(pool, this.#redactedUrl);
      await inPostgresTransaction(pool, async (client) => {
        await client.query(`SELECT pg_advisory_xact_lock(${EXCLUSIVE_LOCK})`);
        const options = { redactedUrl: this.#redactedUrl, tableExists: TABLE_EXISTS };
        await migrateCampaigns(new PostgresTransaction(client), options);
      });
    });
  }
}

class PostgresTransaction implements SqlTransaction {
  constructor(private readonly client: PoolClient) {}

  async rows<Row extends object>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(sql, bound(values))).rows;
  }

  async run(sql: string, values: readonly SqlValue[] = []): Promise<void> {
    await this.client.query(sql, bound(values));
  }
}

/** Reads `bigint` as a number: the largest here is a time in milliseconds. The driver returns text. */
function numbersOf(): CustomTypesConfig {
  const { TypeOverrides } = createRequire(import.meta.url)('pg') as typeof Pg;
  const types = new TypeOverrides();
  types.setTypeParser(INT8, Number);
  return types;
}
