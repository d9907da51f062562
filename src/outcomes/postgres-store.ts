import { createRequire } from 'node:module';
import type { Pool, PoolClient } from 'pg';

import type { CallOutcome, StoredOutcome } from '../contract/outcome.js';
import { listInPages, type SqlDialect } from './outcome-pages.js';
import { fromRow, OUTCOME_COLUMNS, type OutcomeRow, text, TIME_COLUMNS, toRow, valuesOf } from './outcome-row.js';
import { closedStoreError } from './outcome-store-error.js';
import type { OpenOutcomeStore, OutcomeQuery } from './outcome-store.js';
import type { OutcomesTarget } from './outcomes-url.js';
import { explainPostgresError } from './postgres-error.js';
import { migratePostgres, OUTCOMES_TABLE } from './postgres-schema.js';
import { inTransaction } from './postgres-transaction.js';

/** For each process. A save takes milliseconds, and a database has connections for few hundred processes at most. */
const MAX_CONNECTIONS = 4;
/** Together less than the activity `saveOutcome` gives the store. */
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 8_000;
/** For a server that has vanished and will never say that the statement took too long. */
const ANSWER_TIMEOUT_MS = 9_000;

const SELECTION = OUTCOME_COLUMNS.map(selected).join(', ');

const DIALECT: SqlDialect = {
  table: OUTCOMES_TABLE,
  selection: SELECTION,
  placeholder: (position, type) => (type === 'time' ? `$${position}::timestamptz` : `$${position}`),
};

const SAVE = `
  INSERT INTO ${OUTCOMES_TABLE} AS o (${OUTCOME_COLUMNS.join(', ')})
  VALUES (${OUTCOME_COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})
  ON CONFLICT (call_sid) DO UPDATE SET ${OUTCOME_COLUMNS.map((column) => `${column} = EXCLUDED.${column}`).join(', ')}
  WHERE o.status IS NULL
    AND (EXCLUDED.status IS NOT NULL OR EXCLUDED.last_status IS NOT NULL OR o.last_status IS NULL)
  RETURNING ${SELECTION}`;

const GET = `SELECT ${SELECTION} FROM ${OUTCOMES_TABLE} AS o WHERE o.call_sid = $1`;

/** Cannot be a call's, and is never kept. */
const PROBE: CallOutcome = {
  ...{ callSid: 'probe', reason: '', polls: 0, timeline: [], workflowId: 'probe', runId: 'probe' },
  ...{ startedAt: '1970-01-01T00:00:00Z', finishedAt: '1970-01-01T00:00:00Z' },
};

/** Keeps outcomes in a PostgreSQL database. */
export class PostgresStore implements OpenOutcomeStore {
  readonly #pool: Pool;
  readonly #shown: string;
  /** A pool that ends forgets those who still wait for a connection. */
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor({ url, shown }: Extract<OutcomesTarget, { kind: 'postgres' }>) {
    const pg = createRequire(import.meta.url)('pg') as { readonly Pool: typeof Pool };
    this.#shown = shown;
    this.#pool = new pg.Pool({
      application_name: 'temporal-polyai',
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      connectionString: url,
    });
    // An idle connection that breaks is replaced when one is needed; without a listener it would end the process.
    this.#pool.on('error', () => undefined);
  }

  /** @throws OutcomeStoreError when the database cannot be reached, or has not the tables and does not let them be made */
  static async open(target: Extract<OutcomesTarget, { kind: 'postgres' }>): Promise<PostgresStore> {
    const store = new PostgresStore(target);
    try {
      await store.#use((pool) => migratePostgres(pool, target.shown));
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async save(outcome: CallOutcome): Promise<StoredOutcome> {
    return await this.#use((pool) => put(pool, outcome));
  }

  async get(callSid: string): Promise<StoredOutcome | undefined> {
    return await this.#use((pool) => storedOutcome(pool, callSid));
  }

  list(query: OutcomeQuery = {}): AsyncIterable<StoredOutcome> {
    return listInPages(query, DIALECT, async ({ sql, values }) => {
      const { rows } = await this.#use((pool) => pool.query<OutcomeRow>(sql, [...values]));
      return rows;
    });
  }

  async check(): Promise<void> {
    await this.#use((pool) => inTransaction(pool, (client) => put(client, PROBE), 'ROLLBACK'));
  }

  async close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.#pool.end());
    await this.#closing;
  }

  async #use<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    if (this.#closing) throw closedStoreError(this.#shown);
    const working = work(this.#pool);
    this.#underWay.add(working);
    try {
      return await working;
    } catch (error) {
      throw explainPostgresError(this.#shown, error);
    } finally {
      this.#underWay.delete(working);
    }
  }
}

async function put(database: Pool | PoolClient, outcome: CallOutcome): Promise<StoredOutcome> {
  for (;;) {
    const values = valuesOf(toRow(outcome, new Date().toISOString()));
    const { rows } = await database.query<OutcomeRow>(SAVE, values);
    // No row: the one that is there is final.
    const stored = rows[0] ? fromRow(rows[0]) : await storedOutcome(database, outcome.callSid);
    // Neither: someone has deleted it in between.
    if (stored) return stored;
  }
}

async function storedOutcome(database: Pool | PoolClient, callSid: string): Promise<StoredOutcome | undefined> {
  const { rows } = await database.query<OutcomeRow>(GET, [text(callSid)]);
  return rows[0] && fromRow(rows[0]);
}

/** As `OutcomeRow` has it, whatever the database's own way to show times is. */
function selected(column: (typeof OUTCOME_COLUMNS)[number]): string {
  if (TIME_COLUMNS.has(column)) {
    return `to_char(o.${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${column}`;
  }
  if (column === 'timeline') return 'o.timeline::text AS timeline';
  // A bigint would come as text.
  return column === 'polls' ? 'o.polls::double precision AS polls' : `o.${column}`;
}
