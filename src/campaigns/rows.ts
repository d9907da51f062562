import type { AttemptState, CampaignState, ContactState } from '../contract/campaign.js';
import type { CampaignRules } from '../contract/campaign-rules.js';
import type { Disposition } from '../contract/disposition.js';
import { isRecord } from '../contract/is-record.js';
import type { PackagedRegionalRules } from '../contract/regional-rules.js';
import { CampaignRulesError } from '../contract/rule-fields.js';
import { ATTEMPTS, CAMPAIGNS, CONTACTS, RULES } from './database/schema.js';
import type { SqlTransaction } from './database/sql.js';
import { CampaignError } from './errors.js';
import type { Attempt, Campaign, Contact } from './records.js';
import type { ContactPlace } from './rules/calling-windows.js';

export interface CampaignRow {
  readonly campaign_id: string;
  readonly account: string;
  readonly state: CampaignState;
  readonly state_reason: string;
  readonly state_since: number;
  readonly epoch: number;
  readonly rules_version: number;
  readonly rules_created_at: number | null;
  readonly created_at: number;
  /** When it was found that the database is an older copy, until a person accepts that. */
  readonly restored_at: number | null;
  /** Its virtual time, see `fair-share.ts`. */
  readonly turn: number;
  /** When it will claim again, see `fair-share.ts`; `null` if it had no due contact, or dialled. */
  readonly asks_again_at: number | null;
}

export interface ContactRow {
  readonly contact_id: string;
  readonly campaign_id: string;
  readonly number: string;
  readonly time_zones: string;
  readonly regions: string;
  readonly consent: string;
  readonly reference: string;
  readonly variables: string;
  readonly state: ContactState;
  readonly reason: string;
  readonly not_before: number;
  readonly due_at: number;
  /** The version of the rules that deferred or blocked it; `null` if none has. */
  readonly judged_by: number | null;
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
  readonly disposition_source: string | null;
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
    ...placeOf(row),
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
    ...(row.disposition_source !== null && { dispositionSource: row.disposition_source }),
    reason: row.reason,
  };
}

export function placeOf({ time_zones: zones, regions }: Pick<ContactRow, 'time_zones' | 'regions'>): ContactPlace {
  return { timeZones: zones.split(' ').filter(Boolean), regions: regions.split(' ').filter(Boolean) };
}

export function variablesOf({ variables }: Pick<ContactRow, 'variables'>): Record<string, string> {
  return JSON.parse(variables) as Record<string, string>;
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Selects campaigns, as `c`. */
export const CAMPAIGN_ROWS = `SELECT c.*, r.created_at AS rules_created_at FROM ${CAMPAIGNS} AS c
  LEFT JOIN ${RULES} AS r ON r.campaign_id = c.campaign_id AND r.version = c.rules_version`;

/** @throws {CampaignError} when there is none */
export async function campaignRow(tx: SqlTransaction, campaignId: string): Promise<CampaignRow> {
  const [row] = await tx.rows<CampaignRow>(`${CAMPAIGN_ROWS} WHERE c.campaign_id = $1`, [campaignId]);
  if (row) return row;
  throw new CampaignError(`there is no campaign "${campaignId}": import its contacts first`, 'not-found');
}

export async function contactRow(tx: SqlTransaction, contactId: string): Promise<ContactRow | undefined> {
  const [row] = await tx.rows<ContactRow>(`SELECT * FROM ${CONTACTS} WHERE contact_id = $1`, [contactId]);
  return row;
}

export async function attemptRow(tx: SqlTransaction, attemptId: string): Promise<AttemptRow | undefined> {
  const [row] = await tx.rows<AttemptRow>(`SELECT * FROM ${ATTEMPTS} WHERE attempt_id = $1`, [attemptId]);
  return row;
}

/** One version of the rules, with the packaged rules of regions that are in force; `null` if they are not. */
export interface StoredRules {
  readonly rules: CampaignRules;
  readonly packaged: PackagedRegionalRules | null;
}

/** @throws {CampaignRulesError} when the stored rules are not of this version of the package */
export async function rulesOf(
  tx: SqlTransaction,
  { campaign_id: campaignId, rules_version: version }: CampaignRow,
): Promise<StoredRules> {
  const [row] = await tx.rows<{ readonly rules: string; readonly regional_rules: string | null }>(
    `SELECT rules, regional_rules FROM ${RULES} WHERE campaign_id = $1 AND version = $2`,
    [campaignId, version],
  );
  const rules = parseJson(row?.rules ?? '');
  const packaged = parseJson(row?.regional_rules ?? 'null');
  if (isComplete(rules) && isPackaged(packaged, rules)) return { rules, packaged };
  throw new CampaignRulesError(`version ${version} of the rules cannot be read`);
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
  const numbers = ['closeMarginMs', 'maxAttempts', 'maxCallsPer24h', 'maxCallsPer7d', 'weight'] as const;
  return (
    Array.isArray(rules.windows) &&
    Array.isArray(rules.holidays) &&
    isRecord(rules.regional) &&
    Array.isArray(rules.regional['own']) &&
    numbers.every((name) => typeof rules[name] === 'number') &&
    typeof rules.requireConsent === 'boolean' &&
    typeof rules.stopAfterFailures === 'number' &&
    typeof rules.stopAfterAmbiguous === 'number' &&
    typeof rules.retryAfterMs === 'object' &&
    (rules.deadlineMs === null || typeof rules.deadlineMs === 'number')
  );
}

function isPackaged(value: unknown, { regional }: CampaignRules): value is PackagedRegionalRules | null {
  if (!regional.packaged) return value === null;
  return isRecord(value) && typeof value['edition'] === 'string' && Array.isArray(value['rules']);
}
