import { createRequire } from 'node:module';
import type { Pool, PoolClient } from 'pg';

import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';
import { listInPages, type SqlDialect } from './pages.js';
import { migratePostgres, OUTCOMES_TABLE } from './postgres-schema.js';
import { fromRow, OUTCOME_COLUMNS, type OutcomeRow, text, TIME_COLUMNS, toRow, valuesOf } from './rows.js';
import { explainPostgresError, inTransaction } from './postgres-connection.js';
import { closedStoreError, type OpenOutcomeStore, type OutcomeQuery } from './store.js';
import type { OutcomesTarget } from './url.js';

/** Of each process. A save takes milliseconds, and a database accepts a few hundred connections at most. */
const MAX_CONNECTIONS = 4;
/** Together with the statement timeout less than the timeout of the activity `saveOutcome`. */
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 8_000;
/** For a server that has vanished and cannot report its statement timeout. */
const QUERY_TIMEOUT_MS = 9_000;

const SELECTION = OUTCOME_COLUMNS.map(selected).join(', ');

const DIALECT: SqlDialect = {
  table: OUTCOMES_TABLE,
  selection: SELECTION,
  parameter: (position, type) => (type === 'time' ? `$${position}::timestamptz` : `$${position}`),
};

const SAVE = `
  INSERT INTO ${OUTCOMES_TABLE} AS o (${OUTCOME_COLUMNS.join(', ')})
  VALUES (${OUTCOME_COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})
  ON CONFLICT (call_sid) DO UPDATE SET ${OUTCOME_COLUMNS.map((column) => `${column} = EXCLUDED.${column}`).join(', ')}
  WHERE o.status IS NULL
    AND (EXCLUDED.status IS NOT NULL OR EXCLUDED.last_status IS NOT NULL OR o.last_status IS NULL)
  RETURNING ${SELECTION}`;

const GET = `SELECT ${SELECTION} FROM ${OUTCOMES_TABLE} AS o WHERE o.call_sid = $1`;

/** Its call SID cannot be a real one, and its transaction is rolled back. */
const PROBE: OutcomeRecord = {
  ...{ callSid: 'probe', reason: '', polls: 0, timeline: [], workflowId: 'probe', runId: 'probe' },
  ...{ startedAt: '1970-01-01T00:00:00Z', finishedAt: '1970-01-01T00:00:00Z' },
};

/** Stores outcomes in a PostgreSQL database. */
export class PostgresStore implements OpenOutcomeStore {
  readonly #pool: Pool;
  readonly #redactedUrl: string;
  /** `Pool.end` drops requests that wait for a connection, so `close` awaits these first. */
  readonly #pending = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor({ url, redactedUrl }: Extract<OutcomesTarget, { kind: 'postgres' }>) {
    const pg = createRequire(import.meta.url)('pg') as { readonly Pool: typeof Pool };
    this.#redactedUrl = redactedUrl;
    this.#pool = new pg.Pool({
      application_name: 'temporal-polyai',
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      connectionString: url,
    });
    // The pool replaces an idle connection that breaks. Without a listener its error would end the process.
    this.#pool.on('error', () => undefined);
  }

  /** @throws OutcomeStoreError when the database cannot be reached, or its tables cannot be created */
  static async open(target: Extract<OutcomesTarget, { kind: 'postgres' }>): Promise<PostgresStore> {
    const store = new PostgresStore(target);
    try {
      await store.#use((pool) => migratePostgres(pool, target.redactedUrl));
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async save(outcome: OutcomeRecord): Promise<StoredOutcome> {
    return await this.#use((pool) => upsert(pool, outcome));
  }

  async get(callSid: string): Promise<StoredOutcome | undefined> {
    return await this.#use((pool) => find(pool, callSid));
  }

  list(query: OutcomeQuery = {}): AsyncIterable<StoredOutcome> {
    return listInPages(query, DIALECT, async ({ sql, values }) => {
      const { rows } = await this.#use((pool) => pool.query<OutcomeRow>(sql, [...values]));
      return rows;
    });
  }

  async check(): Promise<void> {
    await this.#use((pool) => inTransaction(pool, (client) => upsert(client, PROBE), 'ROLLBACK'));
  }

  async close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#pending).then(() => this.#pool.end());
    await this.#closing;
  }

  async #use<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    if (this.#closing) throw closedStoreError(this.#redactedUrl);
    const working = work(this.#pool);
    this.#pending.add(working);
    try {
      return await working;
    } catch (error) {
      throw explainPostgresError(this.#redactedUrl, error);
    } finally {
      this.#pending.delete(working);
    }
  }
}

async function upsert(database: Pool | PoolClient, outcome: OutcomeRecord): Promise<StoredOutcome> {
  for (;;) {
    const values = valuesOf(toRow(outcome, new Date().toISOString()));
    const { rows } = await database.query<OutcomeRow>(SAVE, values);
    // No row: the stored outcome is final.
    const stored = rows[0] ? fromRow(rows[0]) : await find(database, outcome.callSid);
    // Neither: it was deleted in between.
    if (stored) return stored;
  }
}

async function find(database: Pool | PoolClient, callSid: string): Promise<StoredOutcome | undefined> {
  const { rows } = await database.query<OutcomeRow>(GET, [text(callSid)]);
  return rows[0] && fromRow(rows[0]);
}

/** Selects a column in the form of `OutcomeRow`, independent of the database's time zone and date style. */
function selected(column: (typeof OUTCOME_COLUMNS)[number]): string {
  if (TIME_COLUMNS.has(column)) {
    return `to_char(o.${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${column}`;
  }
  if (column === 'timeline') return 'o.timeline::text AS timeline';
  // The driver returns a bigint as text.
  return column === 'polls' ? 'o.polls::double precision AS polls' : `o.${column}`;
}
