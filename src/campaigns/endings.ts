import type { Disposition } from '../contract/disposition.js';
import { planAfterAttempt } from './attempt-plan.js';
import { rulesOrPause } from './campaign-state.js';
import { countAttempts } from './contact-history.js';
import { ATTEMPTS, CONTACTS } from './database/schema.js';
import { type AttemptRow, campaignRow } from './rows.js';
import type { StoreTransaction } from './store-transaction.js';

/** How an attempt ended. Times in epoch milliseconds. */
export interface AttemptEnding {
  readonly disposition: Disposition;
  /** Who reported the disposition; `null` when it is by the call's status and reason. */
  readonly source: string | null;
  readonly callBackMs?: number | undefined;
  readonly endedMs: number;
  readonly reason: string;
}

/**
 * Ends an attempt, or corrects how it ended, and plans what becomes of its contact.
 *
 * @returns why it cannot: without rules nobody knows what becomes of the contact
 */
export async function endAttempt(
  transaction: StoreTransaction,
  attempt: AttemptRow,
  ending: AttemptEnding,
): Promise<string | undefined> {
  const { tx, nowMs } = transaction;
  const inForce = await rulesOrPause(transaction, await campaignRow(tx, attempt.campaign_id));
  if (typeof inForce === 'string') return inForce;
  const { disposition, source, endedMs, callBackMs, reason } = ending;
  await tx.run(
    `UPDATE ${ATTEMPTS} SET state = 'ended', disposition = $2, disposition_source = $3, reason = $4, ended_at = $5
     WHERE attempt_id = $1`,
    [attempt.attempt_id, disposition, source, reason, endedMs],
  );
  const attempts = (await countAttempts(tx, [attempt.contact_id])).get(attempt.contact_id) ?? 0;
  const plan = planAfterAttempt({ disposition, endedMs, callBackMs, attempts, rules: inForce.rules });
  const isQueued = plan.state === 'waiting';
  // Only the latest attempt that may have dialled decides about the contact.
  await tx.run(
    `UPDATE ${CONTACTS} SET state = $2, reason = $3, not_before = $4, due_at = $4,
       settled_at = CASE WHEN $2 = 'waiting' THEN NULL ELSE COALESCE(settled_at, $5) END
     WHERE contact_id = $1 AND state NOT IN ('suppressed', 'erased') AND NOT EXISTS (
       SELECT 1 FROM ${ATTEMPTS} AS later
       WHERE later.contact_id = $1 AND later.attempt > $6 AND later.state <> 'not_sent')`,
    [attempt.contact_id, plan.state, plan.reason, isQueued ? plan.notBeforeMs! : nowMs, nowMs, attempt.attempt],
  );
  return undefined;
}
