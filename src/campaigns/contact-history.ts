import { UNCOUNTED_DISPOSITIONS } from './attempt-plan.js';
import { type CallsToNumber, callsTo } from './calls-to-number.js';
import { ATTEMPTS, CONTACTS } from './database/schema.js';
import { parameterList, sqlList, type SqlTransaction } from './database/sql.js';
import type { ContactRow } from './rows.js';
import type { StoreTransaction } from './store-transaction.js';
import { suppressedOf } from './suppressions.js';

/** What decides about calls to a contact, beside its row and the rules. */
export interface ContactHistory {
  readonly isSuppressed: boolean;
  /** Attempts that count. */
  readonly attempts: number;
  /** To its number. */
  readonly calls: CallsToNumber;
}

/**
 * The histories of some hundred contacts at most, in their order.
 *
 * @param except an attempt whose call does not count
 */
export async function historiesOf(
  transaction: StoreTransaction,
  contacts: readonly Pick<ContactRow, 'contact_id' | 'number'>[],
  { except }: { readonly except?: string | undefined } = {},
): Promise<ContactHistory[]> {
  if (contacts.length === 0) return [];
  const numbers = contacts.map(({ number }) => number);
  const suppressed = await suppressedOf(transaction, numbers);
  const attempts = await countAttempts(
    transaction.tx,
    contacts.map(({ contact_id: contactId }) => contactId),
  );
  const calls = await callsTo(transaction, { numbers, except });
  return contacts.map(({ contact_id: contactId, number }) => ({
    isSuppressed: suppressed.has(number),
    attempts: attempts.get(contactId) ?? 0,
    calls: calls.get(number)!,
  }));
}

/** Attempts on contacts that count; one that may have dialled does. Without those contacts that have none. */
export async function countAttempts(
  tx: SqlTransaction,
  contactIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.rows<{ readonly contact_id: string; readonly attempts: number }>(
    `SELECT a.contact_id, count(*) AS attempts
     FROM ${ATTEMPTS} AS a JOIN ${CONTACTS} AS c ON c.contact_id = a.contact_id
     WHERE a.contact_id IN (${parameterList(contactIds)}) AND a.state IN ('posting', 'posted', 'ended', 'ambiguous')
       AND a.attempt > c.counted_from AND COALESCE(a.disposition, '') NOT IN (${sqlList(UNCOUNTED_DISPOSITIONS)})
     GROUP BY a.contact_id`,
    contactIds,
  );
  return new Map(rows.map(({ contact_id: contactId, attempts }) => [contactId, attempts]));
}
