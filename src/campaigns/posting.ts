import { pauseIfRunning, rulesOrPause } from './campaign-state.js';
import { ATTEMPTS, CONTACTS } from './database/schema.js';
import type { SqlTransaction } from './database/sql.js';
import { endByReport } from './dispositions.js';
import { checkEligibility } from './eligibility.js';
import { AMBIGUOUS_CALL_MS, LIVE_CALL_MS, POSTING_LEASE_MS } from './leases.js';
import { keepRate, recordAccepted, recordRefused } from './limiter.js';
import {
  type AttemptRow,
  attemptRow,
  type CampaignRow,
  campaignRow,
  type ContactRow,
  contactRow,
  variablesOf,
} from './rows.js';
import { advanceSequence } from './sequence.js';
import { pauseIfStopRuleSays } from './stop-rule.js';
import type { CampaignStore, Claim, NotSent, PostingAnswer } from './store.js';
import type { StoreTransaction } from './store-transaction.js';

/** See `CampaignStore.beginPosting`. In an exclusive transaction. */
export async function beginPosting(
  transaction: StoreTransaction,
  { attemptId, owner }: Pick<Claim, 'attemptId' | 'owner'>,
): Promise<PostingAnswer> {
  const { tx, nowMs } = transaction;
  const attempt = await attemptRow(tx, attemptId);
  if (attempt?.state !== 'intended' || attempt.lease_owner !== owner) {
    return { kind: 'refused', reason: 'the claim is no longer valid' };
  }
  const campaign = await campaignRow(tx, attempt.campaign_id);
  const contact = await contactRow(tx, attempt.contact_id);
  const reason = await refusalOf(transaction, { attempt, campaign, contact: contact! });
  if (reason !== undefined) {
    await releaseClaim(transaction, attempt, reason);
    return { kind: 'refused', reason };
  }
  await advanceSequence(transaction);
  const leaseUntil = nowMs + POSTING_LEASE_MS;
  await tx.run(
    `UPDATE ${ATTEMPTS} SET state = 'posting', posting_at = $2, lease_until = $3, slot_until = $4 WHERE attempt_id = $1`,
    [attemptId, nowMs, leaseUntil, leaseUntil + AMBIGUOUS_CALL_MS],
  );
  const { number } = contact!;
  return { kind: 'post', account: campaign.account || undefined, number, variables: variablesOf(contact!) };
}

interface Posting {
  readonly attempt: AttemptRow;
  readonly campaign: CampaignRow;
  readonly contact: ContactRow;
}

/** What may have changed since the claim. */
async function refusalOf(
  transaction: StoreTransaction,
  { attempt, campaign, contact }: Posting,
): Promise<string | undefined> {
  const { nowMs } = transaction;
  if (attempt.lease_until <= nowMs) return 'the lease has expired';
  if (campaign.state !== 'running') return `the campaign is ${campaign.state}`;
  if (campaign.epoch !== attempt.epoch) return 'the campaign was paused in between';
  if (campaign.rules_version !== attempt.rules_version) return 'the rules were changed in between';
  const inForce = await rulesOrPause(transaction, campaign);
  if (typeof inForce === 'string') return inForce;
  const { deadlineMs } = inForce.rules;
  if (deadlineMs !== null && deadlineMs <= nowMs) return 'the deadline has passed';
  // Another call may have been reconciled, or have turned out to be live.
  const ineligibility = await checkEligibility(transaction, contact, { inForce, except: attempt.attempt_id });
  if (ineligibility) return ineligibility.reason;
  const isInRate = await keepRate(transaction, { account: attempt.account, claimedAtMs: attempt.intended_at });
  return isInRate ? undefined : 'calls per second';
}

/** The attempt has certainly not dialled: its contact is due again, and the next claim judges it anew. */
export async function releaseClaim(
  { tx, nowMs }: StoreTransaction,
  attempt: AttemptRow,
  reason: string,
): Promise<void> {
  await tx.run(
    `UPDATE ${ATTEMPTS} SET state = 'not_sent', reason = $2, ended_at = $3, slot_until = $3 WHERE attempt_id = $1`,
    [attempt.attempt_id, reason, nowMs],
  );
  await tx.run(
    `UPDATE ${CONTACTS} SET state = 'waiting', reason = $2, due_at = $3 WHERE contact_id = $1 AND state = 'dialling'`,
    [attempt.contact_id, reason, nowMs],
  );
}

/** See `CampaignStore.recordPosted`. In an exclusive transaction. */
export async function recordPosted(
  transaction: StoreTransaction,
  { attemptId, callSid }: Parameters<CampaignStore['recordPosted']>[0],
): Promise<void> {
  const { tx, nowMs } = transaction;
  const attempt = await attemptRow(tx, attemptId);
  if (attempt?.state === 'ended' && attempt.call_sid === null) return await addCallSid(tx, attemptId, callSid);
  if (attempt?.state !== 'posting' && attempt?.state !== 'ambiguous') return;
  await tx.run(
    `UPDATE ${ATTEMPTS} SET state = 'posted', posted_at = $2, call_sid = $3, slot_until = $4, check_at = $2, ended_at = NULL,
       reason = '' WHERE attempt_id = $1`,
    [attemptId, nowMs, callSid, nowMs + LIVE_CALL_MS],
  );
  // Also if the contact has been queued again meanwhile, because the call is now known; but only if this is its latest attempt.
  await tx.run(
    `UPDATE ${CONTACTS} SET state = 'dialling', reason = '', settled_at = NULL
     WHERE contact_id = $1 AND state IN ('ambiguous', 'waiting')
       AND NOT EXISTS (SELECT 1 FROM ${ATTEMPTS} AS later WHERE later.contact_id = $1 AND later.attempt > $2
         AND later.state <> 'not_sent')`,
    [attempt.contact_id, attempt.attempt],
  );
  await recordAccepted(transaction, attempt.account);
}

/** Of an attempt that was ambiguous until its call was reported. */
async function addCallSid(tx: SqlTransaction, attemptId: string, callSid: string): Promise<void> {
  await tx.run(`UPDATE ${ATTEMPTS} SET call_sid = $2 WHERE attempt_id = $1`, [attemptId, callSid]);
}

/** See `CampaignStore.recordAmbiguous`. In an exclusive transaction. */
export async function recordAmbiguous(
  transaction: StoreTransaction,
  { attemptId, owner, reason }: Parameters<CampaignStore['recordAmbiguous']>[0],
): Promise<void> {
  const attempt = await attemptRow(transaction.tx, attemptId);
  if (attempt?.state !== 'posting' || attempt.lease_owner !== owner) return;
  await markAmbiguous(transaction, attempt, reason);
  await pauseIfStopRuleSays(transaction, attempt.campaign_id);
}

/** Nobody knows whether the attempt dialled, unless its call has been reported. Its contact leaves the queue. */
export async function markAmbiguous(transaction: StoreTransaction, attempt: AttemptRow, reason: string): Promise<void> {
  const { tx, nowMs } = transaction;
  await tx.run(
    `UPDATE ${ATTEMPTS} SET state = 'ambiguous', reason = $2, ended_at = $3, slot_until = $4 WHERE attempt_id = $1`,
    [attempt.attempt_id, reason, nowMs, (attempt.posting_at ?? nowMs) + AMBIGUOUS_CALL_MS],
  );
  await tx.run(
    `UPDATE ${CONTACTS} SET state = 'ambiguous', reason = $2, settled_at = $3 WHERE contact_id = $1 AND state = 'dialling'`,
    [attempt.contact_id, reason, nowMs],
  );
  await endByReport(transaction, { ...attempt, state: 'ambiguous', reason });
}

/** See `CampaignStore.recordNotSent`. In an exclusive transaction. */
export async function recordNotSent(
  transaction: StoreTransaction,
  { attemptId, owner, reason, then, retryAfterMs }: NotSent,
): Promise<void> {
  const { tx, nowMs } = transaction;
  const attempt = await attemptRow(tx, attemptId);
  if (attempt?.state !== 'posting' || attempt.lease_owner !== owner) return;
  await releaseClaim(transaction, attempt, reason);
  if (then === 'again') await recordRefused(transaction, attempt.account, retryAfterMs);
  if (then === 'stop') await pauseIfRunning(transaction, await campaignRow(tx, attempt.campaign_id), reason);
  if (then !== 'invalid-contact') return;
  await tx.run(`UPDATE ${ATTEMPTS} SET disposition = 'invalid-number' WHERE attempt_id = $1`, [attemptId]);
  await tx.run(`UPDATE ${CONTACTS} SET state = 'failed', settled_at = $2 WHERE contact_id = $1 AND state <> 'erased'`, [
    attempt.contact_id,
    nowMs,
  ]);
  await pauseIfStopRuleSays(transaction, attempt.campaign_id);
}
