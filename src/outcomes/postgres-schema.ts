import type { Pool, PoolClient } from 'pg';

import { inPostgresTransaction } from './postgres-connection.js';
import { newerSchemaError, olderSchemaError, OutcomeStoreError } from './store.js';

export const OUTCOMES_TABLE = 'temporal_polyai_outcomes';
const SCHEMA_TABLE = 'temporal_polyai_schema';

/** An arbitrary key of an advisory lock that no other program in the database is likely to use. */
const MIGRATION_LOCK = '7309940771523391321';

/** Migration N leads to schema version N+1. A released migration never changes: users query these tables. */
const MIGRATIONS = [
  `
  CREATE TABLE ${OUTCOMES_TABLE} (
    call_sid text COLLATE "C" PRIMARY KEY,
    account text,
    status text,
    reason text NOT NULL,
    ending_type text,
    ending_message text,
    last_status text,
    last_raw_status text,
    last_reason text,
    last_seen_at timestamptz(3),
    polls bigint NOT NULL,
    started_at timestamptz(3) NOT NULL,
    finished_at timestamptz(3) NOT NULL,
    workflow_id text NOT NULL,
    run_id text NOT NULL,
    saved_at timestamptz(3) NOT NULL,
    timeline jsonb NOT NULL
  );
  CREATE INDEX ${OUTCOMES_TABLE}_by_time ON ${OUTCOMES_TABLE} (saved_at, call_sid);
  CREATE INDEX ${OUTCOMES_TABLE}_without_status ON ${OUTCOMES_TABLE} (saved_at, call_sid) WHERE status IS NULL;
  `,
] as const;

/**
 * Creates or updates the tables. When many workers do so at the same time, one migrates and the others wait for it. If the
 * tables are up to date this only reads, so that a role without the CREATE privilege is enough.
 */
export async function migratePostgres(pool: Pool, redactedUrl: string): Promise<void> {
  if ((await versionOf(pool, redactedUrl)) === MIGRATIONS.length) return;
  await inPostgresTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    // Not to_regclass: it answers from the catalog snapshot that was taken before the wait for the lock.
    await client.query(`CREATE TABLE IF NOT EXISTS ${SCHEMA_TABLE} (version integer NOT NULL)`);
    const version = await versionOf(client, redactedUrl);
    if (version === MIGRATIONS.length) return;
    for (const migration of MIGRATIONS.slice(version)) await client.query(migration);
    await client.query(`DELETE FROM ${SCHEMA_TABLE}`);
    await client.query(`INSERT INTO ${SCHEMA_TABLE} VALUES (${MIGRATIONS.length})`);
  });
}

/** Rejects a database whose tables this version would have to create or update, and says when its role may not create them. */
export async function requireMigratedPostgres(pool: Pool, redactedUrl: string): Promise<void> {
  const version = await versionOf(pool, redactedUrl);
  if (version === MIGRATIONS.length) return;
  const { rows } = await pool.query<{ readonly granted: boolean | null }>(
    `SELECT has_schema_privilege(current_schema(), 'CREATE') AS granted`,
  );
  if (version > 0 || rows[0]?.granted) throw olderSchemaError(redactedUrl);
  const problem = 'has no tables yet, and the role may not create them: grant CREATE on the schema';
  throw new OutcomeStoreError(redactedUrl, { code: 'forbidden', problem });
}

/** The version of the tables that exist; 0 also when the outcomes table was dropped. */
async function versionOf(database: Pool | PoolClient, redactedUrl: string): Promise<number> {
  const { rows: tables } = await database.query<{ readonly exist: boolean }>(
    `SELECT to_regclass('${SCHEMA_TABLE}') IS NOT NULL AND to_regclass('${OUTCOMES_TABLE}') IS NOT NULL AS exist`,
  );
  if (!tables[0]?.exist) return 0;
  const { rows } = await database.query<{ readonly version: number }>(`SELECT version FROM ${SCHEMA_TABLE}`);
  const version = rows[0]?.version ?? 0;
  if (version > MIGRATIONS.length) throw newerSchemaError(redactedUrl, version);
  return version;
}
