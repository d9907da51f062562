import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomTypesConfig, Pool } from 'pg';

import { explainPostgresError, isConflict } from './postgres-connection.js';
import { closedStoreError } from './store.js';
import type { OutcomesTarget } from './url.js';

export type PostgresTarget = Extract<OutcomesTarget, { kind: 'postgres' }>;

/** Of each store. A save takes milliseconds, and a database accepts a few hundred connections at most. */
const MAX_CONNECTIONS = 4;
/** Together with the statement timeout less than the timeout of the activity `saveOutcome`. */
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 8_000;
/** For a server that has vanished and cannot report its statement timeout. */
const QUERY_TIMEOUT_MS = 9_000;

/** The connections of this process to one PostgreSQL database. */
export class PostgresPool {
  readonly #pool: Pool;
  readonly #redactedUrl: string;
  /** `Pool.end` drops requests that wait for a connection, so `close` awaits these first. */
  readonly #pending = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** @param types how values are read; @default the driver's types */
  constructor({ url, redactedUrl }: PostgresTarget, types?: CustomTypesConfig) {
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
      ...(types && { types }),
    });
    // The pool replaces an idle connection that breaks. Without a listener its error would end the process.
    this.#pool.on('error', () => undefined);
  }

  /** @throws OutcomeStoreError in place of the driver's errors */
  async use<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
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

  /** Closes the connections when what is pending has ended. */
  async close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#pending).then(() => this.#pool.end());
    await this.#closing;
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
