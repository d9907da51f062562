import type { AttemptState, CampaignState, ContactState } from '../contract/campaign.js';
import { type CampaignRules, CampaignRulesError, type Disposition } from '../contract/campaign-rules.js';
import { CAMPAIGNS, RULES } from './schema.js';
import type { SqlTransaction } from './sql.js';
import { type Attempt, type Campaign, CampaignError, type Contact } from './store.js';

export interface CampaignRow {
  readonly campaign_id: string;
  readonly account: string;
  readonly state: CampaignState;
  readonly state_reason: string;
  readonly state_since: number;
  readonly epoch: number;
  readonly rules_version: number;
  readonly created_at: number;
}

export interface ContactRow {
  readonly contact_id: string;
  readonly campaign_id: string;
  readonly number: string;
  readonly time_zones: string;
  readonly consent: string;
  readonly reference: string;
  readonly variables: string;
  readonly state: ContactState;
  readonly reason: string;
  readonly not_before: number;
  readonly due_at: number;
}

export interface AttemptRow {
  readonly attempt_id: string;
  readonly campaign_id: string;
  readonly contact_id: string;
  readonly attempt: number;
  readonly account: string;
  readonly state: AttemptState;
  readonly epoch: number;
  readonly rules_version: number;
  readonly lease_owner: string;
  readonly lease_until: number;
  readonly intended_at: number;
  readonly posting_at: number | null;
  readonly posted_at: number | null;
  readonly ended_at: number | null;
  readonly call_sid: string | null;
  readonly disposition: Disposition | null;
  readonly reason: string;
}

export function toCampaign(row: CampaignRow): Campaign {
  return {
    campaignId: row.campaign_id,
    ...(row.account && { account: row.account }),
    state: row.state,
    stateReason: row.state_reason,
    epoch: row.epoch,
    rulesVersion: row.rules_version,
    createdAt: iso(row.created_at),
  };
}

export function toContact(row: ContactRow): Contact {
  return {
    contactId: row.contact_id,
    number: row.number,
    timeZones: zonesOf(row),
    consent: row.consent,
    reference: row.reference,
    variables: variablesOf(row),
    state: row.state,
    reason: row.reason,
    ...(row.state === 'waiting' && { dueAt: iso(row.due_at) }),
  };
}

export function toAttempt(row: AttemptRow): Attempt {
  return {
    attemptId: row.attempt_id,
    contactId: row.contact_id,
    attempt: row.attempt,
    state: row.state,
    epoch: row.epoch,
    rulesVersion: row.rules_version,
    intendedAt: iso(row.intended_at),
    ...(row.posting_at !== null && { postingAt: iso(row.posting_at) }),
    ...(row.posted_at !== null && { postedAt: iso(row.posted_at) }),
    ...(row.ended_at !== null && { endedAt: iso(row.ended_at) }),
    ...(row.call_sid !== null && { callSid: row.call_sid }),
    ...(row.disposition !== null && { disposition: row.disposition }),
    reason: row.reason,
  };
}

export function zonesOf({ time_zones: zones }: Pick<ContactRow, 'time_zones'>): string[] {
  return zones.split(' ').filter(Boolean);
}

export function variablesOf({ variables }: Pick<ContactRow, 'variables'>): Record<string, string> {
  return JSON.parse(variables) as Record<string, string>;
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** @throws {CampaignError} when there is none */
export async function campaignRow(tx: SqlTransaction, campaignId: string): Promise<CampaignRow> {
  const [row] = await tx.rows<CampaignRow>(`SELECT * FROM ${CAMPAIGNS} WHERE campaign_id = $1`, [campaignId]);
  if (row) return row;
  throw new CampaignError(`there is no campaign "${campaignId}": import its contacts first`, 'not-found');
}

/** @throws {CampaignRulesError} when the stored rules are not of this version of the package */
export async function rulesOf(
  tx: SqlTransaction,
  { campaign_id: campaignId, rules_version: version }: CampaignRow,
): Promise<CampaignRules> {
  const [row] = await tx.rows<{ readonly rules: string }>(
    `SELECT rules FROM ${RULES} WHERE campaign_id = $1 AND version = $2`,
    [campaignId, version],
  );
  const rules = parseJson(row?.rules ?? '');
  if (!isComplete(rules)) throw new CampaignRulesError(`version ${version} of the rules cannot be read`);
  return rules;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** They were validated before they were stored; this rejects what an editor or a newer version has put there. */
function isComplete(value: unknown): value is CampaignRules {
  if (typeof value !== 'object' || value === null) return false;
  const rules = value as Partial<Record<keyof CampaignRules, unknown>>;
  const numbers = ['closeMarginMs', 'maxAttempts', 'maxCallsPer24h', 'maxCallsPer7d'] as const;
  return (
    Array.isArray(rules.windows) &&
    Array.isArray(rules.holidays) &&
    numbers.every((name) => typeof rules[name] === 'number') &&
    typeof rules.requireConsent === 'boolean' &&
    typeof rules.stopAfterFailures === 'number' &&
    typeof rules.stopAfterAmbiguous === 'number' &&
    typeof rules.retryAfterMs === 'object' &&
    (rules.deadlineMs === null || typeof rules.deadlineMs === 'number')
  );
}
