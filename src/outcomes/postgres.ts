import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';
import { listInPages } from './pages.js';
import { inPostgresTransaction } from './postgres-connection.js';
import { PostgresPool, type PostgresTarget } from './postgres-pool.js';
import { migratePostgres, requireMigratedPostgres } from './postgres-schema.js';
import { find, POSTGRES_DIALECT, upsert } from './postgres-statements.js';
import type { OutcomeRow } from './rows.js';
import { type OpenOutcomeStore, type OpenOutcomeStoreOptions, type OutcomeQuery, PROBE } from './store.js';

/** Stores outcomes in a PostgreSQL database. */
export class PostgresStore implements OpenOutcomeStore {
  private constructor(
    private readonly pool: PostgresPool,
    private readonly redactedUrl: string,
  ) {}

  /** @throws OutcomeStoreError when the database cannot be reached, or its tables cannot be created */
  static async open(target: PostgresTarget, { migrate = true }: OpenOutcomeStoreOptions = {}): Promise<PostgresStore> {
    const store = new PostgresStore(new PostgresPool(target), target.redactedUrl);
    const prepare = migrate ? migratePostgres : requireMigratedPostgres;
    try {
      await store.pool.use((pool) => prepare(pool, target.redactedUrl));
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async save(outcome: OutcomeRecord): Promise<StoredOutcome> {
    return await this.pool.use((pool) => upsert(pool, outcome, this.redactedUrl));
  }

  async get(callSid: string): Promise<StoredOutcome | undefined> {
    return await this.pool.use((pool) => find(pool, callSid));
  }

  list(query: OutcomeQuery = {}): AsyncIterable<StoredOutcome> {
    return listInPages(query, POSTGRES_DIALECT, async ({ sql, values }) => {
      const { rows } = await this.pool.use((pool) => pool.query<OutcomeRow>(sql, [...values]));
      return rows;
    });
  }

  async check(): Promise<void> {
    await this.pool.use((pool) =>
      inPostgresTransaction(pool, (client) => upsert(client, PROBE, this.redactedUrl), 'ROLLBACK'),
    );
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}
