import { newerSchemaError } from '../outcomes/store.js';
import type { SqlTransaction } from './sql.js';

export const CAMPAIGNS = 'temporal_polyai_campaigns';
export const RULES = 'temporal_polyai_campaign_rules';
export const CHANGES = 'temporal_polyai_campaign_changes';
export const CONTACTS = 'temporal_polyai_contacts';
export const ATTEMPTS = 'temporal_polyai_attempts';
export const SUPPRESSIONS = 'temporal_polyai_suppressions';
export const ACCOUNTS = 'temporal_polyai_accounts';
const SCHEMA = 'temporal_polyai_campaign_schema';

/**
 * Migration N leads to schema version N+1. A released migration never changes: users query these tables. Times are epoch
 * milliseconds, which both databases compare alike.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE ${CAMPAIGNS} (
      campaign_id text PRIMARY KEY,
      account text NOT NULL,
      state text NOT NULL,
      state_reason text NOT NULL,
      state_since bigint NOT NULL,
      epoch bigint NOT NULL,
      rules_version bigint NOT NULL,
      created_at bigint NOT NULL
    )`,
    `CREATE TABLE ${RULES} (
      campaign_id text NOT NULL,
      version bigint NOT NULL,
      rules text NOT NULL,
      created_at bigint NOT NULL,
      PRIMARY KEY (campaign_id, version)
    )`,
    `CREATE TABLE ${CHANGES} (
      campaign_id text NOT NULL,
      change_id text NOT NULL,
      change text NOT NULL,
      made_at bigint NOT NULL,
      PRIMARY KEY (campaign_id, change_id)
    )`,
    `CREATE TABLE ${CONTACTS} (
      contact_id text PRIMARY KEY,
      campaign_id text NOT NULL,
      number text NOT NULL,
      time_zones text NOT NULL,
      consent text NOT NULL,
      reference text NOT NULL,
      variables text NOT NULL,
      state text NOT NULL,
      reason text NOT NULL,
      not_before bigint NOT NULL,
      due_at bigint NOT NULL,
      settled_at bigint,
      created_at bigint NOT NULL,
      UNIQUE (campaign_id, number)
    )`,
    `CREATE INDEX ${CONTACTS}_due ON ${CONTACTS} (campaign_id, due_at) WHERE state = 'waiting'`,
    `CREATE INDEX ${CONTACTS}_by_state ON ${CONTACTS} (campaign_id, state)`,
    `CREATE INDEX ${CONTACTS}_settled ON ${CONTACTS} (campaign_id, settled_at) WHERE settled_at IS NOT NULL`,
    `CREATE INDEX ${CONTACTS}_by_number ON ${CONTACTS} (number)`,
    `CREATE TABLE ${ATTEMPTS} (
      attempt_id text PRIMARY KEY,
      campaign_id text NOT NULL,
      contact_id text NOT NULL,
      attempt bigint NOT NULL,
      account text NOT NULL,
      state text NOT NULL,
      epoch bigint NOT NULL,
      rules_version bigint NOT NULL,
      lease_owner text NOT NULL,
      lease_until bigint NOT NULL,
      slot_until bigint NOT NULL,
      intended_at bigint NOT NULL,
      posting_at bigint,
      posted_at bigint,
      ended_at bigint,
      call_sid text UNIQUE,
      check_at bigint,
      disposition text,
      reason text NOT NULL,
      UNIQUE (contact_id, attempt)
    )`,
    `CREATE INDEX ${ATTEMPTS}_slots ON ${ATTEMPTS} (account, slot_until)`,
    `CREATE INDEX ${ATTEMPTS}_open ON ${ATTEMPTS} (campaign_id, state) WHERE state IN ('intended', 'posting', 'posted')`,
    `CREATE INDEX ${ATTEMPTS}_ended ON ${ATTEMPTS} (campaign_id, ended_at)`,
    `CREATE TABLE ${SUPPRESSIONS} (
      number text PRIMARY KEY,
      reason text NOT NULL,
      source text NOT NULL,
      created_at bigint NOT NULL
    )`,
    `CREATE TABLE ${ACCOUNTS} (
      account text PRIMARY KEY,
      calls_at_once bigint NOT NULL,
      calls_per_second double precision NOT NULL,
      next_call_at double precision NOT NULL,
      refusals bigint NOT NULL
    )`,
  ],
];

interface MigrationTarget {
  readonly redactedUrl: string;
  /** A query that has a row if the table `$1` exists. */
  readonly tableExists: string;
}

/**
 * Creates or updates the tables, in an exclusive transaction. If they are up to date this only reads, so that a role without the
 * CREATE privilege is enough.
 */
export async function migrateCampaigns(
  tx: SqlTransaction,
  { redactedUrl, tableExists }: MigrationTarget,
): Promise<void> {
  const exists = (await tx.rows(tableExists, [SCHEMA])).length > 0;
  if (!exists) await tx.run(`CREATE TABLE ${SCHEMA} (version bigint NOT NULL)`);
  const [row] = await tx.rows<{ readonly version: number }>(`SELECT version FROM ${SCHEMA}`);
  const version = row?.version ?? 0;
  if (version > MIGRATIONS.length) throw newerSchemaError(redactedUrl, version);
  if (version === MIGRATIONS.length) return;
  for (const statement of MIGRATIONS.slice(version).flat()) await tx.run(statement);
  await tx.run(`DELETE FROM ${SCHEMA}`);
  await tx.run(`INSERT INTO ${SCHEMA} VALUES ($1)`, [MIGRATIONS.length]);
}
