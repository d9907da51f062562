import { CONTACTS } from './database/schema.js';
import type { SqlTransaction } from './database/sql.js';
import type { ContactRow } from './rows.js';
import type { ClaimRequest } from './store.js';
import type { StoreTransaction } from './store-transaction.js';

/** How many due contacts one claim looks at, none of which may be callable. */
const LOOK_AHEAD = 100;

/** Waiting contacts that are due, the first of them first; at most the one that the claim asks for. */
export async function dueContacts(
  { tx, nowMs }: StoreTransaction,
  { campaignId, only }: Pick<ClaimRequest, 'campaignId' | 'only'>,
): Promise<ContactRow[]> {
  if (only) {
    return await tx.rows<ContactRow>(
      `SELECT * FROM ${CONTACTS} WHERE campaign_id = $1 AND contact_id = $2 AND state = 'waiting' AND due_at <= $3`,
      [campaignId, only.contactId, nowMs],
    );
  }
  return await tx.rows<ContactRow>(
    `SELECT * FROM ${CONTACTS} WHERE campaign_id = $1 AND state = 'waiting' AND due_at <= $2
     ORDER BY due_at LIMIT ${LOOK_AHEAD}`,
    [campaignId, nowMs],
  );
}

/** When the next waiting contact is due. */
export async function nextDue(tx: SqlTransaction, campaignId: string): Promise<number | undefined> {
  const [row] = await tx.rows<{ readonly due_at: number }>(
    `SELECT due_at FROM ${CONTACTS} WHERE campaign_id = $1 AND state = 'waiting' ORDER BY due_at LIMIT 1`,
    [campaignId],
  );
  return row?.due_at;
}
