import { randomUUID } from 'node:crypto';

import { rulesOrPause } from './campaign-state.js';
import { ATTEMPTS, CONTACTS } from './database/schema.js';
import type { SqlTransaction } from './database/sql.js';
import { dueContacts, nextDue } from './due-contacts.js';
import { checkEligibility, type Ineligibility } from './eligibility.js';
import { isWaiting, keepTurn, otherFirst, takeTurn } from './fair-share.js';
import { CLAIM_LEASE_MS } from './leases.js';
import { type AccountRow, accountRow, countCall, type DialDelay, limitReached } from './limiter.js';
import { type AttemptRow, type CampaignRow, campaignRow, type ContactRow, contactRow, toAttempt } from './rows.js';
import type { Claim, ClaimAnswer, ClaimRequest } from './store.js';
import type { RulesInForce, StoreTransaction } from './store-transaction.js';

/** See `CampaignStore.claim`. In an exclusive transaction. */
export async function claim(transaction: StoreTransaction, request: ClaimRequest): Promise<ClaimAnswer> {
  const { tx, nowMs } = transaction;
  const campaign = await campaignRow(tx, request.campaignId);
  if (request.only) {
    const existing = await attemptOf(tx, request.campaignId, request.only);
    if (existing && existing.state !== 'not_sent') return { kind: 'existing', attempt: toAttempt(existing) };
  }
  if (campaign.state !== 'running') return { kind: 'none', reason: `the campaign is ${campaign.state}` };
  const inForce = await rulesOrPause(transaction, campaign);
  if (typeof inForce === 'string') return { kind: 'none', reason: inForce };
  const { deadlineMs } = inForce.rules;
  if (deadlineMs !== null && deadlineMs <= nowMs) return { kind: 'none', reason: 'the deadline has passed' };
  const account = await accountRow(tx, campaign.account);
  const delay =
    (await limitReached(transaction, campaign.account, account)) ?? (await otherFirst(transaction, campaign, account));
  if (delay && isWaiting(campaign, transaction)) return await waitForTurn(transaction, campaign, delay);
  return await claimDue(transaction, { request, campaign, inForce, account, delay });
}

interface ClaimContext {
  readonly request: ClaimRequest;
  readonly campaign: CampaignRow;
  readonly inForce: RulesInForce;
  readonly account: AccountRow;
  readonly delay: DialDelay | undefined;
}

async function claimDue(transaction: StoreTransaction, context: ClaimContext): Promise<ClaimAnswer> {
  const { tx, nowMs } = transaction;
  const { request, campaign, inForce, delay } = context;
  const { only } = request;
  for (const contact of await dueContacts(transaction, request)) {
    const ineligibility = await checkEligibility(transaction, contact, { inForce });
    if (!ineligibility) {
      if (delay) return await waitForTurn(transaction, campaign, delay);
      const claimed = await intend(transaction, contact, context);
      if (claimed) return { kind: 'claimed', claim: claimed };
      return { kind: 'none', reason: `attempt ${only?.attempt} is not the next one on the contact` };
    }
    await defer(transaction, contact, ineligibility, campaign.rules_version);
  }
  if (only) return await whyNotDue(transaction, request.campaignId, only.contactId);
  await keepTurn(transaction, campaign, null);
  const nextDueMs = await nextDue(tx, campaign.campaign_id);
  if (nextDueMs === undefined) return { kind: 'none', reason: 'no contact is waiting' };
  return wait(transaction, 'no contact is due', Math.max(nextDueMs, nowMs));
}

async function waitForTurn(
  transaction: StoreTransaction,
  campaign: CampaignRow,
  { reason, untilMs }: DialDelay,
): Promise<ClaimAnswer> {
  await keepTurn(transaction, campaign, untilMs);
  return wait(transaction, reason, untilMs);
}

function wait({ nowMs }: StoreTransaction, reason: string, untilMs: number): ClaimAnswer {
  return { kind: 'wait', reason, untilMs, waitMs: untilMs - nowMs };
}

async function whyNotDue(transaction: StoreTransaction, campaignId: string, contactId: string): Promise<ClaimAnswer> {
  const row = await contactRow(transaction.tx, contactId);
  if (row?.campaign_id !== campaignId) return { kind: 'none', reason: 'the campaign has no such contact' };
  if (row.state === 'waiting') return wait(transaction, row.reason || 'the contact is not due', row.due_at);
  return { kind: 'none', reason: `the contact is ${row.state}${row.reason && `: ${row.reason}`}` };
}

/** Rules of a later version judge the contact anew. */
async function defer(
  { tx, nowMs }: StoreTransaction,
  contact: ContactRow,
  { state, reason, dueAt = contact.due_at }: Ineligibility,
  rulesVersion: number,
): Promise<void> {
  const isFinal = state === 'failed' || state === 'suppressed';
  await tx.run(
    `UPDATE ${CONTACTS} SET state = $2, reason = $3, due_at = $4, settled_at = $5, judged_by = $6 WHERE contact_id = $1`,
    [contact.contact_id, state, reason, dueAt, state === 'failed' ? nowMs : null, isFinal ? null : rulesVersion],
  );
}

/** Writes the intent. @returns `undefined` when the attempt that was asked for is not the contact's next */
async function intend(
  transaction: StoreTransaction,
  contact: ContactRow,
  context: ClaimContext,
): Promise<Claim | undefined> {
  const { tx, nowMs } = transaction;
  const { contact_id: contactId, campaign_id: campaignId } = contact;
  const { request, campaign, account, inForce } = context;
  const attempt = await nextAttempt(tx, contactId);
  if (request.only && request.only.attempt !== attempt) return undefined;
  const leaseUntil = nowMs + CLAIM_LEASE_MS;
  const [row] = await tx.rows<{ readonly attempt_id: string }>(
    `INSERT INTO ${ATTEMPTS} (attempt_id, campaign_id, contact_id, attempt, account, state, epoch, rules_version,
       lease_owner, lease_until, slot_until, intended_at, reason)
     VALUES ($1, $2, $3, $4, $5, 'intended', $6, $7, $8, $9, $10, $11, '')
     ON CONFLICT (contact_id, attempt) DO UPDATE SET state = 'intended', epoch = excluded.epoch,
       rules_version = excluded.rules_version, lease_owner = excluded.lease_owner, lease_until = excluded.lease_until,
       slot_until = excluded.slot_until, intended_at = excluded.intended_at, posting_at = NULL, ended_at = NULL,
       disposition = NULL
     WHERE ${ATTEMPTS}.state = 'not_sent'
     RETURNING attempt_id`,
    [
      ...[randomUUID(), campaignId, contactId, attempt, campaign.account, campaign.epoch, campaign.rules_version],
      ...[request.owner, leaseUntil, leaseUntil, nowMs],
    ],
  );
  if (!row) return undefined;
  await tx.run(`UPDATE ${CONTACTS} SET state = 'dialling', reason = '', judged_by = NULL WHERE contact_id = $1`, [
    contactId,
  ]);
  const turn = await takeTurn(transaction, campaign, { account, weight: inForce.rules.weight });
  await countCall(transaction, campaign.account, { ...account, turn });
  return { attemptId: row.attempt_id, contactId, attempt, owner: request.owner };
}

/** An attempt that certainly did not dial is made again, under its number. */
async function nextAttempt(tx: SqlTransaction, contactId: string): Promise<number> {
  const [last] = await tx.rows<Pick<AttemptRow, 'attempt' | 'state'>>(
    `SELECT attempt, state FROM ${ATTEMPTS} WHERE contact_id = $1 ORDER BY attempt DESC LIMIT 1`,
    [contactId],
  );
  if (!last) return 1;
  return last.state === 'not_sent' ? last.attempt : last.attempt + 1;
}

async function attemptOf(
  tx: SqlTransaction,
  campaignId: string,
  { contactId, attempt }: NonNullable<ClaimRequest['only']>,
): Promise<AttemptRow | undefined> {
  const [row] = await tx.rows<AttemptRow>(
    `SELECT * FROM ${ATTEMPTS} WHERE campaign_id = $1 AND contact_id = $2 AND attempt = $3`,
    [campaignId, contactId, attempt],
  );
  return row;
}
