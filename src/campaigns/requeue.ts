import type { CampaignChange } from '../contract/campaign.js';
import { ATTEMPTS, CHANGES, CONTACTS } from './database/schema.js';
import { sqlList } from './database/sql.js';
import { type CampaignRow, campaignRow, type ContactRow } from './rows.js';
import type { StoreTransaction } from './store-transaction.js';

/** Contacts of one transaction: a change that concerns a million of them must not stop all others meanwhile. */
const BATCH = 500;

/**
 * Requeues the next batch of contacts after a change of rules or a retry. In an exclusive transaction.
 *
 * @returns whether more may be left
 */
export async function requeueSome(transaction: StoreTransaction, campaignId: string): Promise<boolean> {
  const campaign = await campaignRow(transaction.tx, campaignId);
  if (campaign.state === 'cancelled') return false;
  return (await requeueDeferred(transaction, campaign)) || (await goOnWithRetry(transaction, campaignId));
}

const IS_DEFERRED = `(${CONTACTS}.state = 'blocked' OR (${CONTACTS}.state = 'waiting' AND ${CONTACTS}.judged_by IS NOT NULL))`;

/** Assignments to a contact: if rules have deferred or blocked it, it is due again, and the next claim decides by the rules in force. */
export const REQUEUE_DEFERRED = `judged_by = NULL,
  state = CASE WHEN ${IS_DEFERRED} THEN 'waiting' ELSE ${CONTACTS}.state END,
  reason = CASE WHEN ${IS_DEFERRED} THEN '' ELSE ${CONTACTS}.reason END,
  due_at = CASE WHEN ${IS_DEFERRED} THEN ${CONTACTS}.not_before ELSE ${CONTACTS}.due_at END`;

type DeferrableRow = Pick<ContactRow, 'state' | 'reason' | 'not_before' | 'due_at' | 'judged_by'>;

/** The same of a row that was read. */
export function requeued<Row extends DeferrableRow>(row: Row): Row {
  const isDeferred = row.state === 'blocked' || (row.state === 'waiting' && row.judged_by !== null);
  return isDeferred ? { ...row, state: 'waiting', reason: '', due_at: row.not_before, judged_by: null } : row;
}

async function requeueDeferred(
  { tx }: StoreTransaction,
  { campaign_id: campaignId, rules_version: version }: CampaignRow,
): Promise<boolean> {
  const requeuedRows = await tx.rows(
    `UPDATE ${CONTACTS} SET ${REQUEUE_DEFERRED}
     WHERE contact_id IN (
       SELECT contact_id FROM ${CONTACTS} WHERE campaign_id = $1 AND judged_by < $2 LIMIT ${BATCH})
     RETURNING contact_id`,
    [campaignId, version],
  );
  return requeuedRows.length === BATCH;
}

type Retry = Extract<CampaignChange, { kind: 'retryAmbiguous' | 'retryFailed' }>;

export function isRetry(change: CampaignChange): change is Retry {
  return change.kind === 'retryAmbiguous' || change.kind === 'retryFailed';
}

interface OpenRetry {
  readonly change_id: string;
  readonly change: string;
  readonly made_at: number;
  /** The contact up to which the change has been made. */
  readonly done_to: string;
}

async function goOnWithRetry(transaction: StoreTransaction, campaignId: string): Promise<boolean> {
  const [open] = await transaction.tx.rows<OpenRetry>(
    `SELECT * FROM ${CHANGES} WHERE campaign_id = $1 AND done_to IS NOT NULL ORDER BY made_at, change_id LIMIT 1`,
    [campaignId],
  );
  if (!open) return false;
  const { doneTo, isComplete } = await retrySome(transaction, campaignId, open);
  await transaction.tx.run(`UPDATE ${CHANGES} SET done_to = $3 WHERE campaign_id = $1 AND change_id = $2`, [
    campaignId,
    open.change_id,
    isComplete ? null : doneTo,
  ]);
  return true;
}

async function retrySome(
  { tx, nowMs }: StoreTransaction,
  campaignId: string,
  { change, made_at: madeAt, done_to: from }: OpenRetry,
): Promise<{ readonly doneTo: string; readonly isComplete: boolean }> {
  const retry = JSON.parse(change) as Retry;
  const state = retry.kind === 'retryFailed' ? 'failed' : 'ambiguous';
  const page = await tx.rows<{ readonly contact_id: string }>(
    `SELECT contact_id FROM ${CONTACTS} WHERE campaign_id = $1 AND state = $2 AND contact_id > $3
     ORDER BY contact_id LIMIT ${BATCH}`,
    [campaignId, state, from],
  );
  const doneTo = page.at(-1)?.contact_id ?? from;
  // What failed only after the change was made is not meant.
  await tx.run(
    `UPDATE ${CONTACTS} SET state = 'waiting', reason = $6, not_before = $5, due_at = $5, settled_at = NULL
       ${retry.kind === 'retryFailed' ? COUNT_ANEW : ''}
     WHERE campaign_id = $1 AND state = $2 AND contact_id > $3 AND contact_id <= $4 AND settled_at <= $7
       ${retry.kind === 'retryFailed' ? endedIn(retry.dispositions) : ''}`,
    [campaignId, state, from, doneTo, nowMs, `to be dialled again after it was ${state}`, madeAt],
  );
  return { doneTo, isComplete: page.length < BATCH };
}

/** All attempts that the rules allow, once more. One that did not dial is made again under its number, and counts. */
const COUNT_ANEW = `, counted_from = (
  SELECT COALESCE(MAX(attempt), 0) FROM ${ATTEMPTS} AS a
  WHERE a.contact_id = ${CONTACTS}.contact_id AND a.state <> 'not_sent')`;

/** Only contacts whose last call ended so. The dispositions were checked to be known ones. */
function endedIn(dispositions: readonly string[] | undefined): string {
  if (!dispositions) return '';
  return `AND (SELECT a.disposition FROM ${ATTEMPTS} AS a
    WHERE a.contact_id = ${CONTACTS}.contact_id AND a.disposition IS NOT NULL
    ORDER BY a.attempt DESC LIMIT 1) IN (${sqlList(dispositions)})`;
}
