import type { AttemptState } from '../contract/campaign.js';
import type { AttemptOutsideDatabase, ReconciledAttempts } from '../contract/reconciliation.js';
import { ATTEMPTS, CONTACTS } from './database/schema.js';
import { inChunks } from './database/sql.js';
import { CampaignError } from './errors.js';
import { markAmbiguous, recordPosted } from './posting.js';
import { type AttemptRow, attemptRow, type CampaignRow, campaignRow } from './rows.js';
import { advanceSequence } from './sequence.js';
import type { StoreTransaction } from './store-transaction.js';

/** Attempts of one transaction. */
const CHUNK_SIZE = 200;

/** States of an attempt that has not dialled, or not yet. */
const NOT_BEGUN: readonly AttemptState[] = ['intended', 'not_sent'];

/** In groups that are reconciled in one transaction each, at least one; the oldest first, for so they are numbered. */
export function reconciliationChunks(attempts: readonly AttemptOutsideDatabase[]): AttemptOutsideDatabase[][] {
  const sorted = attempts.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return sorted.length > 0 ? inChunks(sorted, CHUNK_SIZE) : [[]];
}

/** See `OpenCampaignStore.reconcile`, for one chunk. In an exclusive transaction. */
export async function reconcile(
  transaction: StoreTransaction,
  campaignId: string,
  attempts: readonly AttemptOutsideDatabase[],
): Promise<ReconciledAttempts> {
  const campaign = await campaignRow(transaction.tx, campaignId);
  if (campaign.state === 'running') {
    throw new CampaignError(
      `campaign "${campaignId}" is running: pause it, so that nobody is dialled while it is reconciled`,
      'wrong-state',
    );
  }
  let recorded = 0;
  const withoutContact: AttemptOutsideDatabase[] = [];
  for (const attempt of attempts) {
    const row = await attemptRow(transaction.tx, attempt.attemptId);
    if (row && hasAll(row, attempt)) continue;
    if (!row && !(await hasContact(transaction, campaignId, attempt))) {
      withoutContact.push(attempt);
      continue;
    }
    await record({ ...transaction, nowMs: Date.parse(attempt.at) }, { campaign, attempt, row });
    recorded += 1;
  }
  if (recorded > 0) await advanceSequence(transaction);
  return { recorded, withoutContact };
}

interface ToRecord {
  readonly campaign: CampaignRow;
  readonly attempt: AttemptOutsideDatabase;
  readonly row: AttemptRow | undefined;
}

/** As if its request had been sent at the time of the transaction. What came of a call is looked up as for any other. */
async function record(transaction: StoreTransaction, { campaign, attempt, row }: ToRecord): Promise<void> {
  const { attemptId, contactId, callSid, reason = '' } = attempt;
  const hasBegun = row !== undefined && !NOT_BEGUN.includes(row.state);
  if (!row) await insert(transaction, campaign, attempt);
  else if (!hasBegun) await makePosting(transaction, attemptId);
  if (!hasBegun) await leaveQueue(transaction, contactId);
  if (callSid !== undefined) await recordPosted(transaction, { attemptId, callSid });
  else await markAmbiguous(transaction, (await attemptRow(transaction.tx, attemptId))!, reason);
}

/** Whether the database knows as much about an attempt. */
function hasAll({ state, call_sid: callSid }: AttemptRow, attempt: AttemptOutsideDatabase): boolean {
  return attempt.callSid === undefined ? !NOT_BEGUN.includes(state) : callSid !== null;
}

async function hasContact(
  { tx }: StoreTransaction,
  campaignId: string,
  { contactId }: AttemptOutsideDatabase,
): Promise<boolean> {
  const found = await tx.rows(`SELECT contact_id FROM ${CONTACTS} WHERE campaign_id = $1 AND contact_id = $2`, [
    campaignId,
    contactId,
  ]);
  return found.length > 0;
}

/** An attempt that the copy took for one that had not dialled, or not yet. */
async function makePosting({ tx, nowMs }: StoreTransaction, attemptId: string): Promise<void> {
  await tx.run(
    `UPDATE ${ATTEMPTS} SET state = 'posting', intended_at = $2, posting_at = $2, ended_at = NULL, disposition = NULL
     WHERE attempt_id = $1`,
    [attemptId, nowMs],
  );
}

/** Its contact is not to be dialled meanwhile. */
async function leaveQueue({ tx }: StoreTransaction, contactId: string): Promise<void> {
  await tx.run(`UPDATE ${CONTACTS} SET state = 'dialling', reason = '' WHERE contact_id = $1 AND state = 'waiting'`, [
    contactId,
  ]);
}

/** By the rules in force now: nobody knows which ones allowed it. */
async function insert(
  { tx, nowMs }: StoreTransaction,
  campaign: CampaignRow,
  attempt: AttemptOutsideDatabase,
): Promise<void> {
  const { campaign_id: campaignId, account, epoch, rules_version: rulesVersion } = campaign;
  await tx.run(
    `INSERT INTO ${ATTEMPTS} (attempt_id, campaign_id, contact_id, attempt, account, state, epoch, rules_version,
       lease_owner, lease_until, slot_until, intended_at, posting_at, reason)
     VALUES ($1, $2, $3, (SELECT 1 + COALESCE(MAX(a.attempt), 0) FROM ${ATTEMPTS} AS a WHERE a.contact_id = $3), $4,
       'posting', $5, $6, '', $7, $7, $7, $7, '')`,
    [attempt.attemptId, campaignId, attempt.contactId, account, epoch, rulesVersion, nowMs],
  );
}
