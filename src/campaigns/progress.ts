import {
  ATTEMPT_STATES,
  type AttemptProblem,
  type AttemptState,
  type CampaignProgress,
  CONTACT_STATES,
  type ContactState,
} from '../contract/campaign.js';
import type { Disposition } from '../contract/disposition.js';
import { HOUR_MS } from '../contract/duration.js';
import { ATTEMPTS, CONTACTS } from './database/schema.js';
import type { SqlTransaction } from './database/sql.js';
import { nextDue } from './due-contacts.js';
import { readLimits } from './limiter.js';
import { type AttemptRow, type CampaignRow, campaignRow, iso } from './rows.js';
import type { StoreTransaction } from './store-transaction.js';

/** A date that is further away says nothing, and JavaScript has none for the farthest. */
const MAX_ESTIMATE_MS = 10 * 365 * 24 * HOUR_MS;

/** See `CampaignStore.progress`: counted from the rows each time. */
export async function readProgress(
  { tx, nowMs, sequence, databaseId }: StoreTransaction,
  campaignId: string,
): Promise<CampaignProgress> {
  const campaign = await campaignRow(tx, campaignId);
  const contacts = await countBy<ContactState>(tx, { table: CONTACTS, column: 'state', campaignId });
  const attempts = await countBy<AttemptState>(tx, { table: ATTEMPTS, column: 'state', campaignId });
  const dispositions = await countBy<Disposition>(tx, { table: ATTEMPTS, column: 'disposition', campaignId });
  const settledLastHour = await countSettled(tx, campaignId, nowMs - HOUR_MS);
  const remaining = (contacts.get('waiting') ?? 0) + (contacts.get('dialling') ?? 0);
  const leftMs = remaining * (await msForEach(tx, campaign, nowMs));
  const nextDueMs = await nextDue(tx, campaignId);
  return {
    campaignId,
    ...(campaign.account && { account: campaign.account }),
    state: campaign.state,
    ...(campaign.state_reason && { stateReason: campaign.state_reason }),
    epoch: campaign.epoch,
    rulesVersion: campaign.rules_version,
    limits: await readLimits(tx, campaign.account),
    contacts: withZeros(CONTACT_STATES, contacts),
    attempts: withZeros(ATTEMPT_STATES, attempts),
    dispositions: Object.fromEntries(dispositions),
    settledLastHour,
    ...(leftMs > 0 && leftMs <= MAX_ESTIMATE_MS && { estimatedEndAt: iso(Math.max(nowMs, nextDueMs ?? 0) + leftMs) }),
    ...(nextDueMs !== undefined && { nextDueAt: iso(nextDueMs) }),
    lastProblems: await lastProblems(tx, campaignId),
    sequence,
    databaseId,
    readAt: iso(nowMs),
  };
}

interface Counted {
  readonly table: string;
  readonly column: string;
  readonly campaignId: string;
}

async function countBy<Key extends string>(
  tx: SqlTransaction,
  { table, column, campaignId }: Counted,
): Promise<Map<Key, number>> {
  const rows = await tx.rows<{ readonly key: Key; readonly amount: number }>(
    `SELECT ${column} AS key, count(*) AS amount FROM ${table}
     WHERE campaign_id = $1 AND ${column} IS NOT NULL GROUP BY ${column}`,
    [campaignId],
  );
  return new Map(rows.map(({ key, amount }) => [key, amount]));
}

function withZeros<Key extends string>(keys: readonly Key[], counts: ReadonlyMap<Key, number>): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, counts.get(key) ?? 0])) as Record<Key, number>;
}

async function countSettled(tx: SqlTransaction, campaignId: string, sinceMs: number): Promise<number> {
  const [row] = await tx.rows<{ readonly settled: number }>(
    `SELECT count(*) AS settled FROM ${CONTACTS} WHERE campaign_id = $1 AND settled_at > $2`,
    [campaignId, sinceMs],
  );
  return row!.settled;
}

/** How long a contact takes: in the last hour, and while the campaign has run. `NaN` where nothing was settled, or it stands. */
async function msForEach(tx: SqlTransaction, campaign: CampaignRow, nowMs: number): Promise<number> {
  if (campaign.state !== 'running') return NaN;
  const sinceMs = Math.max(nowMs - HOUR_MS, campaign.state_since);
  const settled = await countSettled(tx, campaign.campaign_id, sinceMs);
  return settled === 0 ? NaN : (nowMs - sinceMs) / settled;
}

async function lastProblems(tx: SqlTransaction, campaignId: string): Promise<AttemptProblem[]> {
  const rows = await tx.rows<AttemptRow>(
    `SELECT * FROM ${ATTEMPTS} WHERE campaign_id = $1 AND ended_at IS NOT NULL AND state IN ('ambiguous', 'not_sent')
     ORDER BY ended_at DESC LIMIT 5`,
    [campaignId],
  );
  return rows.map((row) => ({
    attemptId: row.attempt_id,
    contactId: row.contact_id,
    state: row.state,
    reason: row.reason,
    at: iso(row.ended_at!),
  }));
}
