import { randomUUID } from 'node:crypto';

import { newerSchemaError } from '../../outcomes/store.js';
import { newNumberKey } from '../pseudonym.js';
import type { SqlTransaction } from './sql.js';

export const CAMPAIGNS = 'temporal_polyai_campaigns';
export const RULES = 'temporal_polyai_campaign_rules';
export const CHANGES = 'temporal_polyai_campaign_changes';
export const CONTACTS = 'temporal_polyai_contacts';
export const ATTEMPTS = 'temporal_polyai_attempts';
export const REPORTS = 'temporal_polyai_disposition_reports';
export const SUPPRESSIONS = 'temporal_polyai_suppressions';
export const ERASED_CALLS = 'temporal_polyai_erased_calls';
export const NUMBER_KEY = 'temporal_polyai_number_key';
export const SEQUENCE = 'temporal_polyai_campaign_sequence';
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
      created_at bigint NOT NULL,
      restored_at bigint,
      turn double precision NOT NULL DEFAULT 0,
      asks_again_at bigint
    )`,
    `CREATE INDEX ${CAMPAIGNS}_running ON ${CAMPAIGNS} (account) WHERE state = 'running'`,
    `CREATE TABLE ${RULES} (
      campaign_id text NOT NULL,
      version bigint NOT NULL,
      rules text NOT NULL,
      regional_rules text,
      created_at bigint NOT NULL,
      PRIMARY KEY (campaign_id, version)
    )`,
    `CREATE TABLE ${CHANGES} (
      campaign_id text NOT NULL,
      change_id text NOT NULL,
      change text NOT NULL,
      made_at bigint NOT NULL,
      done_to text,
      PRIMARY KEY (campaign_id, change_id)
    )`,
    `CREATE INDEX ${CHANGES}_open ON ${CHANGES} (campaign_id) WHERE done_to IS NOT NULL`,
    `CREATE TABLE ${CONTACTS} (
      contact_id text PRIMARY KEY,
      campaign_id text NOT NULL,
      number text NOT NULL,
      time_zones text NOT NULL,
      regions text NOT NULL,
      consent text NOT NULL,
      reference text NOT NULL,
      variables text NOT NULL,
      state text NOT NULL,
      reason text NOT NULL,
      not_before bigint NOT NULL,
      due_at bigint NOT NULL,
      judged_by bigint,
      counted_from bigint NOT NULL DEFAULT 0,
      settled_at bigint,
      created_at bigint NOT NULL,
      UNIQUE (campaign_id, number)
    )`,
    `CREATE INDEX ${CONTACTS}_due ON ${CONTACTS} (campaign_id, due_at) WHERE state = 'waiting'`,
    `CREATE INDEX ${CONTACTS}_by_state ON ${CONTACTS} (campaign_id, state, contact_id)`,
    `CREATE INDEX ${CONTACTS}_judged ON ${CONTACTS} (campaign_id, judged_by) WHERE judged_by IS NOT NULL`,
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
      disposition_source text,
      reason text NOT NULL,
      UNIQUE (contact_id, attempt)
    )`,
    `CREATE INDEX ${ATTEMPTS}_by_contact ON ${ATTEMPTS} (campaign_id, contact_id, attempt)`,
    `CREATE INDEX ${ATTEMPTS}_slots ON ${ATTEMPTS} (account, slot_until)`,
    `CREATE INDEX ${ATTEMPTS}_open ON ${ATTEMPTS} (campaign_id, state) WHERE state IN ('intended', 'posting', 'posted')`,
    `CREATE INDEX ${ATTEMPTS}_ended ON ${ATTEMPTS} (campaign_id, ended_at)`,
    `CREATE INDEX ${ATTEMPTS}_ambiguous ON ${ATTEMPTS} (campaign_id, ended_at) WHERE state = 'ambiguous'`,
    `CREATE TABLE ${REPORTS} (
      attempt_id text NOT NULL,
      number bigint NOT NULL,
      report_id text NOT NULL,
      campaign_id text NOT NULL,
      contact_id text NOT NULL,
      disposition text NOT NULL,
      call_back_at bigint,
      source text NOT NULL,
      reported_at bigint NOT NULL,
      PRIMARY KEY (attempt_id, number),
      UNIQUE (attempt_id, report_id)
    )`,
    `CREATE INDEX ${REPORTS}_by_campaign ON ${REPORTS} (campaign_id, attempt_id, number)`,
    `CREATE TABLE ${SUPPRESSIONS} (
      number text PRIMARY KEY,
      reason text NOT NULL,
      source text NOT NULL,
      created_at bigint NOT NULL
    )`,
    `CREATE TABLE ${ERASED_CALLS} (number text NOT NULL, dialled_at bigint NOT NULL)`,
    `CREATE INDEX ${ERASED_CALLS}_by_number ON ${ERASED_CALLS} (number, dialled_at)`,
    `CREATE INDEX ${ERASED_CALLS}_by_time ON ${ERASED_CALLS} (dialled_at)`,
    `CREATE TABLE ${NUMBER_KEY} (value text NOT NULL)`,
    `CREATE TABLE ${ACCOUNTS} (
      account text PRIMARY KEY,
      calls_at_once bigint NOT NULL,
      calls_per_second double precision NOT NULL,
      next_call_at double precision NOT NULL,
      refusals bigint NOT NULL,
      turn double precision NOT NULL DEFAULT 0
    )`,
    `CREATE TABLE ${SEQUENCE} (value bigint NOT NULL, database_id text NOT NULL)`,
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
  if (version === 0) {
    await tx.run(`INSERT INTO ${NUMBER_KEY} VALUES ($1)`, [newNumberKey()]);
    await tx.run(`INSERT INTO ${SEQUENCE} VALUES (0, $1)`, [randomUUID()]);
  }
  await tx.run(`DELETE FROM ${SCHEMA}`);
  await tx.run(`INSERT INTO ${SCHEMA} VALUES ($1)`, [MIGRATIONS.length]);
}
