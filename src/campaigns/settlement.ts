import type { TerminalStatus } from '../contract/call.js';
import { OPEN_ATTEMPT_STATES } from '../contract/campaign.js';
import { countsAsAttempt, dispositionOf, classifyDisposition } from './attempt-plan.js';
import { forgetCalls } from './calls-to-number.js';
import { changeState, rulesOrPause } from './campaign-state.js';
import { ATTEMPTS } from './database/schema.js';
import { sqlList, type SqlTransaction } from './database/sql.js';
import { latestReport } from './dispositions.js';
import { nextDue } from './due-contacts.js';
import { endAttempt } from './endings.js';
import { recordVendorQueue } from './limiter.js';
import { markAmbiguous, releaseClaim } from './posting.js';
import { requeueSome } from './requeue.js';
import { type AttemptRow, attemptRow, campaignRow } from './rows.js';
import { pauseIfStopRuleSays } from './stop-rule.js';
import type { Upkeep } from './store.js';
import type { StoreTransaction } from './store-transaction.js';

/** Attempts that one transaction settles at most. */
const BATCH = 200;
const FIRST_CHECK_MS = 2 * 60_000;
const MAX_CHECK_MS = 30 * 60_000;

/** SQLite uses the index of open attempts only for a query that repeats the index's condition. */
const IS_OPEN = `state IN (${sqlList(OPEN_ATTEMPT_STATES)})`;

/** See `CampaignStore.upkeep`. In an exclusive transaction. */
export async function upkeep(
  transaction: StoreTransaction,
  campaignId: string,
  outcomesTable: string,
): Promise<Upkeep> {
  const { tx } = transaction;
  await forgetCalls(transaction);
  await endExpiredLeases(transaction, campaignId);
  await endByOutcomes(transaction, campaignId, outcomesTable);
  const isRequeueing = await requeueSome(transaction, campaignId);
  const underWay = await countUnderWay(tx, campaignId);
  const nextDueMs = await nextDue(tx, campaignId);
  if (!isRequeueing) await completeIfOver(transaction, campaignId, { underWay, nextDueMs });
  const { state } = await campaignRow(tx, campaignId);
  const nextDueInMs = nextDueMs === undefined ? undefined : nextDueMs - transaction.nowMs;
  const { sequence } = transaction;
  const unchecked = await uncheckedCalls(transaction, campaignId);
  return { state, underWay, nextDueInMs, unchecked, isRequeueing, sequence };
}

/** What a process left behind that was killed, or stopped past its lease. */
async function endExpiredLeases(transaction: StoreTransaction, campaignId: string): Promise<void> {
  const expired = await transaction.tx.rows<AttemptRow>(
    `SELECT * FROM ${ATTEMPTS}
     WHERE campaign_id = $1 AND ${IS_OPEN} AND state IN ('intended', 'posting') AND lease_until <= $2 LIMIT ${BATCH}`,
    [campaignId, transaction.nowMs],
  );
  for (const attempt of expired) {
    if (attempt.state === 'intended')
      await releaseClaim(transaction, attempt, 'its worker was lost before the request');
    else await markAmbiguous(transaction, attempt, 'its worker was lost during the request');
  }
  if (expired.some(({ state }) => state === 'posting')) await pauseIfStopRuleSays(transaction, campaignId);
}

interface OutcomeOfAttempt {
  readonly attempt_id: string;
  readonly status: TerminalStatus | null;
  readonly reason: string;
  readonly ending: string | null;
}

/** A monitor saves its outcome in the same database before it closes, so nobody has to be told. */
async function endByOutcomes(transaction: StoreTransaction, campaignId: string, outcomesTable: string): Promise<void> {
  const ended = await transaction.tx.rows<OutcomeOfAttempt>(
    `SELECT a.attempt_id, o.status, o.reason, o.ending_message AS ending
     FROM ${ATTEMPTS} AS a JOIN ${outcomesTable} AS o ON o.call_sid = a.call_sid
     WHERE a.campaign_id = $1 AND a.${IS_OPEN} AND a.state = 'posted' LIMIT ${BATCH}`,
    [campaignId],
  );
  for (const { attempt_id: attemptId, status, reason, ending } of ended) {
    await recordEnded(transaction, {
      attemptId,
      status: status ?? undefined,
      reason: status ? reason : (ending ?? ''),
    });
  }
}

interface EndedCall {
  readonly attemptId: string;
  readonly status?: TerminalStatus | undefined;
  readonly reason: string;
}

/** See `CampaignStore.recordEnded`. In an exclusive transaction. */
export async function recordEnded(
  transaction: StoreTransaction,
  { attemptId, status, reason }: EndedCall,
): Promise<void> {
  const { tx, nowMs } = transaction;
  const attempt = await attemptRow(tx, attemptId);
  if (attempt?.state !== 'posted') return;
  const report = await latestReport(tx, attempt);
  const { disposition, ...reported } = report ?? { disposition: dispositionOf(status, reason), source: null };
  const problem = await endAttempt(transaction, attempt, { disposition, ...reported, endedMs: nowMs, reason });
  // Without readable rules the attempt stays open and is checked again later.
  if (problem !== undefined) return await scheduleNextCheck(transaction, attemptId);
  await tx.run(`UPDATE ${ATTEMPTS} SET slot_until = $2 WHERE attempt_id = $1`, [attemptId, nowMs]);
  if (!countsAsAttempt(disposition)) await recordVendorQueue(transaction, attempt.account);
  if (classifyDisposition(disposition) === 'failure') await pauseIfStopRuleSays(transaction, attempt.campaign_id);
}

async function countUnderWay(tx: SqlTransaction, campaignId: string): Promise<number> {
  const [row] = await tx.rows<{ readonly open: number }>(
    `SELECT count(*) AS open FROM ${ATTEMPTS}
     WHERE campaign_id = $1 AND ${IS_OPEN}`,
    [campaignId],
  );
  return row!.open;
}

interface Remaining {
  readonly underWay: number;
  readonly nextDueMs: number | undefined;
}

async function completeIfOver(
  transaction: StoreTransaction,
  campaignId: string,
  { underWay, nextDueMs }: Remaining,
): Promise<void> {
  const campaign = await campaignRow(transaction.tx, campaignId);
  if (campaign.state !== 'running') return;
  const inForce = await rulesOrPause(transaction, campaign);
  if (typeof inForce === 'string') return;
  const { deadlineMs } = inForce.rules;
  const isLate = deadlineMs !== null && deadlineMs <= transaction.nowMs;
  if (isLate) await changeState(transaction, campaignId, { state: 'completed', reason: 'the deadline has passed' });
  else if (underWay === 0 && nextDueMs === undefined) {
    await changeState(transaction, campaignId, { state: 'completed', reason: 'no contact is left' });
  }
}

/** Calls whose monitor is to be started, and calls without an outcome whose monitor may have been terminated. */
async function uncheckedCalls({ tx, nowMs }: StoreTransaction, campaignId: string): Promise<Upkeep['unchecked']> {
  const rows = await tx.rows<AttemptRow>(
    `SELECT * FROM ${ATTEMPTS} WHERE campaign_id = $1 AND ${IS_OPEN} AND state = 'posted' AND check_at <= $2 LIMIT ${BATCH}`,
    [campaignId, nowMs],
  );
  return rows.map((row) => ({
    attemptId: row.attempt_id,
    contactId: row.contact_id,
    callSid: row.call_sid!,
    account: row.account || undefined,
  }));
}

/** See `CampaignStore.recordMonitored`: the next check comes at growing intervals. */
export async function scheduleNextCheck({ tx, nowMs }: StoreTransaction, attemptId: string): Promise<void> {
  const attempt = await attemptRow(tx, attemptId);
  if (attempt?.posted_at == null) return;
  const pauseMs = Math.min(Math.max(FIRST_CHECK_MS, nowMs - attempt.posted_at), MAX_CHECK_MS);
  await tx.run(`UPDATE ${ATTEMPTS} SET check_at = $2 WHERE attempt_id = $1 AND state = 'posted'`, [
    attemptId,
    nowMs + pauseMs,
  ]);
}
