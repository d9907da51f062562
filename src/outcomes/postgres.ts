import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';

import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';
import { listInPages } from './pages.js';
import { explainPostgresError, inTransaction, isConflict } from './postgres-connection.js';
import { migratePostgres, requireMigratedPostgres } from './postgres-schema.js';
import { find, POSTGRES_DIALECT, upsert } from './postgres-statements.js';
import type { OutcomeRow } from './rows.js';
import {
  closedStoreError,
  type OpenOutcomeStore,
  type OpenOutcomeStoreOptions,
  type OutcomeQuery,
  PROBE,
} from './store.js';
import type { OutcomesTarget } from './url.js';

/** Of each process. A save takes milliseconds, and a database accepts a few hundred connections at most. */
const MAX_CONNECTIONS = 4;
/** Together with the statement timeout less than the timeout of the activity `saveOutcome`. */
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 8_000;
/** For a server that has vanished and cannot report its statement timeout. */
const QUERY_TIMEOUT_MS = 9_000;

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
  static async open(
    target: Extract<OutcomesTarget, { kind: 'postgres' }>,
    { migrate = true }: OpenOutcomeStoreOptions = {},
  ): Promise<PostgresStore> {
    const store = new PostgresStore(target);
    const prepare = migrate ? migratePostgres : requireMigratedPostgres;
    try {
      await store.#use((pool) => prepare(pool, target.redactedUrl));
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async save(outcome: OutcomeRecord): Promise<StoredOutcome> {
    return await this.#use((pool) => upsert(pool, outcome, this.#redactedUrl));
  }

  async get(callSid: string): Promise<StoredOutcome | undefined> {
    return await this.#use((pool) => find(pool, callSid));
  }

  list(query: OutcomeQuery = {}): AsyncIterable<StoredOutcome> {
    return listInPages(query, POSTGRES_DIALECT, async ({ sql, values }) => {
      const { rows } = await this.#use((pool) => pool.query<OutcomeRow>(sql, [...values]));
      return rows;
    });
  }

  async check(): Promise<void> {
    await this.#use((pool) => inTransaction(pool, (client) => upsert(client, PROBE, this.#redactedUrl), 'ROLLBACK'));
  }

  async close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#pending).then(() => this.#pool.end());
    await this.#closing;
  }

  async #use<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    if (this.#closing) throw closedStoreError(this.#redactedUrl);
    const working = retryConflicts(() => work(this.#pool));
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

const MAX_CONFLICTS = 10;

/** Where transactions are serializable by default, one of several that touch a row fails and is to be run again. */
async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || conflicts === MAX_CONFLICTS) throw error;
    }
    await sleep(2 ** Math.min(conflicts, 6) * Math.random());
  }
}
