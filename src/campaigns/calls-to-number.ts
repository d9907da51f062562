import { OPEN_ATTEMPT_STATES } from '../contract/campaign.js';
import { UNCOUNTED_DISPOSITIONS } from './attempt-plan.js';
import { ATTEMPTS, CONTACTS, ERASED_CALLS } from './database/schema.js';
import { parameterList, sqlList } from './database/sql.js';
import { REMEMBERED_MS } from './leases.js';
import { pseudonymOf } from './pseudonym.js';
import type { StoreTransaction } from './store-transaction.js';

/** States of an attempt that is a call under way, or may be one, as an SQL list. */
export const MAYBE_CALLS = sqlList([...OPEN_ATTEMPT_STATES, 'ambiguous']);

/** Calls to some numbers that were intended after `$1`, over all campaigns. */
function dialled(numbers: string): string {
  return `SELECT c.number, COALESCE(a.posting_at, a.intended_at) AS dialled_at,
      CASE WHEN a.state IN (${MAYBE_CALLS}) THEN a.slot_until ELSE 0 END AS under_way_until
    FROM ${CONTACTS} AS c JOIN ${ATTEMPTS} AS a ON a.contact_id = c.contact_id
    WHERE c.number IN (${numbers}) AND a.intended_at > $1 AND a.state <> 'not_sent'
      AND COALESCE(a.disposition, '') NOT IN (${sqlList(UNCOUNTED_DISPOSITIONS)})`;
}

/** The calls to a number in the last 7 days, over all campaigns. Times in epoch milliseconds. */
export interface CallsToNumber {
  /** When they were dialled, oldest first. */
  readonly dialledAt: readonly number[];
  /** Until when one of them is, or may be, under way, unless its end is recorded before; 0 if none is. */
  readonly underWayUntil: number;
}

/**
 * The calls to numbers, by number; also those before a number was erased.
 *
 * @param except an attempt that does not count
 */
export async function callsTo(
  transaction: Pick<StoreTransaction, 'tx' | 'nowMs' | 'numberKey'>,
  { numbers, except = '' }: { readonly numbers: readonly string[]; readonly except?: string | undefined },
): Promise<ReadonlyMap<string, CallsToNumber>> {
  const written = new Map(numbers.map((number) => [pseudonymOf(transaction, number), number]));
  const rows = await transaction.tx.rows<DialledRow>(
    `${dialled(parameterList(numbers, 3))} AND a.attempt_id <> $2
     UNION ALL SELECT number, dialled_at, 0 AS under_way_until FROM ${ERASED_CALLS}
     WHERE number IN (${parameterList(numbers, 3 + numbers.length)}) AND dialled_at > $1 ORDER BY dialled_at`,
    [oldest(transaction), except, ...numbers, ...written.keys()],
  );
  const calls = new Map(numbers.map((number) => [number, { dialledAt: [] as number[], underWayUntil: 0 }]));
  for (const { number, dialled_at: dialledAt, under_way_until: underWayUntil } of rows) {
    const call = calls.get(written.get(number) ?? number)!;
    call.dialledAt.push(dialledAt);
    call.underWayUntil = Math.max(call.underWayUntil, underWayUntil);
  }
  return calls;
}

interface DialledRow {
  readonly number: string;
  readonly dialled_at: number;
  readonly under_way_until: number;
}

/** Keeps when a number that is to be erased was called: the caps hold for whoever is imported again. */
export async function keepCalls(transaction: StoreTransaction, number: string): Promise<void> {
  await transaction.tx.run(
    `INSERT INTO ${ERASED_CALLS} (number, dialled_at) SELECT CAST($3 AS text), dialled_at FROM (${dialled('$2')}) AS d`,
    [oldest(transaction), number, pseudonymOf(transaction, number)],
  );
}

/** Deletes what no cap counts any more. */
export async function forgetCalls(transaction: StoreTransaction): Promise<void> {
  await transaction.tx.run(`DELETE FROM ${ERASED_CALLS} WHERE dialled_at <= $1`, [oldest(transaction)]);
}

function oldest({ nowMs }: Pick<StoreTransaction, 'nowMs'>): number {
  return nowMs - REMEMBERED_MS;
}
