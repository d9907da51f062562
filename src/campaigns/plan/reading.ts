import { setImmediate as nextTurn } from 'node:timers/promises';

import type { ContactState } from '../../contract/campaign.js';
import { historiesOf } from '../contact-history.js';
import { CONTACTS } from '../database/schema.js';
import { PAGE_SIZE } from '../database/sql.js';
import { calleeOf, checkEligibilityByHistory } from '../eligibility.js';
import { requeued } from '../requeue.js';
import type { ContactRow } from '../rows.js';
import type { RulesInForce, StoreTransaction } from '../store-transaction.js';
import { SUPPRESSED } from '../suppressions.js';
import type { PlanOptions } from './campaign-plan.js';
import { type Deferral, PlanContacts, type PlanRow } from './contacts.js';

interface ReadOptions extends Pick<PlanOptions, 'signal' | 'onProgress'> {
  readonly campaignId: string;
  readonly inForce: RulesInForce;
  /** By other rules: contacts that wait for a window or are blocked are judged anew, as when the rules are changed. */
  readonly isJudgedAnew: boolean;
}

/** Reads what a plan needs, in the order of the numbers; only a part of it once the signal is aborted. */
export async function readPlanContacts(transaction: StoreTransaction, options: ReadOptions): Promise<PlanContacts> {
  const { campaignId, inForce, isJudgedAnew, signal, onProgress } = options;
  const { tx, nowMs } = transaction;
  const [total] = await tx.rows<{ readonly contacts: number }>(
    `SELECT count(*) AS contacts FROM ${CONTACTS} WHERE campaign_id = $1`,
    [campaignId],
  );
  const contacts = new PlanContacts(total!.contacts);
  for (let after = ''; ;) {
    // Reading a page of SQLite blocks the event loop.
    await nextTurn();
    const page = await pageOf(transaction, campaignId, after);
    const rows = isJudgedAnew ? page.map(requeued) : page;
    const deferrals = await deferralsOf(transaction, rows, inForce);
    for (const row of rows) {
      const reason = row.state === 'waiting' ? delayOf(row, nowMs) : reasonOfSettled(row);
      contacts.add(row, { reason, deferral: deferrals.get(row.contact_id) });
    }
    onProgress?.({ contacts: contacts.size });
    if (page.length < PAGE_SIZE || signal?.aborted) return contacts;
    after = page.at(-1)!.number;
  }
}

type StoredPlanRow = PlanRow & Pick<ContactRow, 'judged_by'>;

async function pageOf({ tx }: StoreTransaction, campaignId: string, after: string): Promise<StoredPlanRow[]> {
  return await tx.rows<StoredPlanRow>(
    `SELECT contact_id, number, time_zones, regions, consent, state, reason, not_before, due_at, judged_by
     FROM ${CONTACTS} WHERE campaign_id = $1 AND number > $2 ORDER BY number LIMIT ${PAGE_SIZE}`,
    [campaignId, after],
  );
}

/** What keeps waiting contacts from being called now, beside the windows: it goes on doing so until a fixed time. */
async function deferralsOf(
  transaction: StoreTransaction,
  rows: readonly PlanRow[],
  inForce: RulesInForce,
): Promise<ReadonlyMap<string, Deferral | undefined>> {
  const waiting = rows.filter(({ state }) => state === 'waiting');
  const histories = await historiesOf(transaction, waiting);
  return new Map(
    waiting.map((row, index) => {
      const { nowMs } = transaction;
      const ineligibility = checkEligibilityByHistory(histories[index]!, { callee: calleeOf(row), inForce, nowMs });
      return [
        row.contact_id,
        ineligibility && { untilMs: ineligibility.dueAt ?? Infinity, reason: ineligibility.reason },
      ];
    }),
  );
}

function delayOf({ due_at: dueAt, reason }: PlanRow, nowMs: number): string {
  return dueAt <= nowMs ? '' : reason || 'it is not due yet';
}

/** Why a contact that has left the queue is not dialled. */
function reasonOfSettled({ state, reason }: PlanRow): string {
  const reasons: Partial<Record<ContactState, string>> = {
    done: 'it was reached',
    dialling: 'it is being called',
    failed: 'it has failed',
    ambiguous: 'its last attempt may have dialled',
    suppressed: SUPPRESSED,
    erased: 'its data were erased',
  };
  return reasons[state] ?? reason;
}
