import { createRequire } from 'node:module';
import type { Pool, PoolClient } from 'pg';

import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';
import { listInPages, type SqlDialect } from './pages.js';
import { migratePostgres, OUTCOMES_TABLE } from './postgres-schema.js';
import { fromRow, OUTCOME_COLUMNS, type OutcomeRow, text, TIME_COLUMNS, toRow, valuesOf } from './rows.js';
import { closedStoreError, type OpenOutcomeStore, type OutcomeQuery, OutcomeStoreError } from './store.js';
import type { OutcomesTarget } from './url.js';

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
const PROBE: OutcomeRecord = {
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

  async save(outcome: OutcomeRecord): Promise<StoredOutcome> {
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

async function put(database: Pool | PoolClient, outcome: OutcomeRecord): Promise<StoredOutcome> {
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

/** Runs `work` in a transaction on one connection. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  end: 'COMMIT' | 'ROLLBACK' = 'COMMIT',
): Promise<T> {
  const client = await pool.connect();
  // Between two statements nobody but us would hear that the connection broke, and an error unheard ends the process.
  client.on('error', ignore);
  let failure: Error | boolean = true;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query(end);
    failure = false;
    return result;
  } finally {
    client.off('error', ignore);
    // A connection with an open transaction is closed, which rolls it back.
    client.release(failure);
  }
}

function ignore(): void {
  // The next statement fails with it.
}

/** By SQLSTATE, and by its first two characters, which name its class. */
const REMEDIES: Readonly<Record<string, string>> = {
  '28': 'refuses the login: correct user and password in POLYAI_OUTCOMES_URL',
  '3D': 'is not there: create it (createdb), or name another in POLYAI_OUTCOMES_URL',
  '25006': 'is read-only: name the primary, not a standby, in POLYAI_OUTCOMES_URL',
  '42501':
    'lacks rights: grant SELECT, INSERT and UPDATE on its tables temporal_polyai_*, and CREATE on the schema where those ' +
    'are still to be made',
  '42P01': 'has lost its tables: start again, which makes them',
  '53': 'has no room: free disk space or connections',
  '57014': 'took too long: look for what locks its tables or loads it',
  '08P01':
    'refuses the connection: behind PgBouncer, add statement_timeout to its ignore_startup_parameters; else see what it says',
};

const UNREACHABLE = 'cannot be reached: see that PostgreSQL runs there, and that POLYAI_OUTCOMES_URL is right';

/** Says what to do. What the database says goes along, but not its details: they show the row. */
function explainPostgresError(shown: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OutcomeStoreError || error instanceof TypeError) return error;
  const { code } = error as NodeJS.ErrnoException;
  // Both addresses of "localhost" failed: that error has no message of its own.
  const said = error.message || code || error.name;
  const remedy = remedyFor(code);
  return new OutcomeStoreError(shown, `${remedy} (${said})`, remedy === UNREACHABLE || isPassing(code));
}

/** A failover, too many connections for now, a lock: by SQLSTATE. */
function isPassing(code: string | undefined): boolean {
  return code === '25006' || code === '57014' || code?.startsWith('53') === true;
}

/** Without a SQLSTATE it is the network's or the driver's own: both speak of connections and time limits only. */
function remedyFor(code: string | undefined): string {
  const isSqlState = code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
  if (!isSqlState) return UNREACHABLE;
  if (code.startsWith('08') && code !== '08P01') return UNREACHABLE;
  if (code.startsWith('57P')) return UNREACHABLE;
  return REMEDIES[code] ?? REMEDIES[code.slice(0, 2)] ?? 'does not do what it is asked';
}
