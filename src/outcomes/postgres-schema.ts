import type { Pool, PoolClient } from 'pg';

import { inTransaction } from './postgres.js';
import { newerSchemaError } from './store.js';

export const OUTCOMES_TABLE = 'temporal_polyai_outcomes';
const SCHEMA_TABLE = 'temporal_polyai_schema';

/** Any number that other programs in the database do not lock. */
const MIGRATION_LOCK = '7309940771523391321';

/** The first creates version 1, and so on. What has been released is never changed: users query these tables. */
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
 * Makes the tables, or brings those of an older version up to date. Many workers may do so at once: one does, the others
 * wait for it. Where nothing is to be done, it only reads, so that a role without the right to create tables will do.
 */
export async function migratePostgres(pool: Pool, shown: string): Promise<void> {
  if ((await versionOf(pool, shown)) === MIGRATIONS.length) return;
  await inTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    // Not to_regclass: it goes by what this connection knew before it waited for the lock.
    await client.query(`CREATE TABLE IF NOT EXISTS ${SCHEMA_TABLE} (version integer NOT NULL)`);
    const version = await writtenVersion(client, shown);
    if (version === MIGRATIONS.length) return;
    for (const migration of MIGRATIONS.slice(version)) await client.query(migration);
    await client.query(`DELETE FROM ${SCHEMA_TABLE}`);
    await client.query(`INSERT INTO ${SCHEMA_TABLE} VALUES (${MIGRATIONS.length})`);
  });
}

async function versionOf(pool: Pool, shown: string): Promise<number> {
  const { rows: tables } = await pool.query<{ readonly exists: boolean }>(
    `SELECT to_regclass('${SCHEMA_TABLE}') IS NOT NULL AS exists`,
  );
  return tables[0]?.exists ? await writtenVersion(pool, shown) : 0;
}

async function writtenVersion(database: Pool | PoolClient, shown: string): Promise<number> {
  const { rows } = await database.query<{ readonly version: number }>(`SELECT version FROM ${SCHEMA_TABLE}`);
  const version = rows[0]?.version ?? 0;
  if (version > MIGRATIONS.length) throw newerSchemaError(shown, version);
  return version;
}
