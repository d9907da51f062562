import { CONTACTS, SUPPRESSIONS } from './database/schema.js';
import { inChunks, inPages, PAGE_SIZE, parameterList, type SqlDatabase } from './database/sql.js';
import { e164 } from './e164.js';
import { ERASED_PREFIX, pseudonymOf } from './pseudonym.js';
import type { Suppression } from './records.js';
import { iso } from './rows.js';
import { advanceSequence } from './sequence.js';
import type { StoreTransaction } from './store-transaction.js';

/** The reason on a contact, which leaves the database; that of the suppression is free text and does not. */
export const SUPPRESSED = 'on the suppression list';

/** Numbers of one transaction: no call can be decided meanwhile. */
const CHUNK_SIZE = 500;

/** Those numbers that are suppressed, also under their pseudonyms. */
export async function suppressedOf(
  transaction: Pick<StoreTransaction, 'tx' | 'numberKey'>,
  numbers: readonly string[],
): Promise<ReadonlySet<string>> {
  const written = new Map(
    numbers.flatMap((number) => [[number, number] as const, [pseudonymOf(transaction, number), number]]),
  );
  const stored = [...written.keys()];
  const rows = await transaction.tx.rows<Pick<SuppressionRow, 'number'>>(
    `SELECT number FROM ${SUPPRESSIONS} WHERE number IN (${parameterList(stored)})`,
    stored,
  );
  return new Set(rows.map(({ number }) => written.get(number)!));
}

/**
 * Numbers in groups that are suppressed in one transaction each. A number that is given twice counts once.
 *
 * @throws {CampaignError} `invalid-number`
 */
export function numbersToSuppress(written: string | readonly string[]): string[][] {
  if (typeof written === 'string') return [[e164(written, 'the number to suppress')]];
  const numbers = [...new Set(written.map((number, index) => e164(number, `numbers[${index}]`)))];
  return inChunks(numbers, CHUNK_SIZE);
}

/** Suppresses numbers, in E.164, of one chunk. In an exclusive transaction. */
export async function suppress(
  transaction: StoreTransaction,
  numbers: readonly string[],
  { reason, source }: { readonly reason: string; readonly source: string },
): Promise<void> {
  const { tx, nowMs } = transaction;
  await advanceSequence(transaction);
  // A list that is imported again brings back no number that was erased.
  const suppressed = await suppressedOf(transaction, numbers);
  const added = numbers.filter((number) => !suppressed.has(number));
  if (added.length > 0) {
    const rows = added.map(
      (_, index) => `(CAST($${index + 4} AS text), CAST($1 AS text), CAST($2 AS text), CAST($3 AS bigint))`,
    );
    await tx.run(`INSERT INTO ${SUPPRESSIONS} (number, reason, source, created_at) VALUES ${rows.join(', ')}`, [
      reason,
      source,
      nowMs,
      ...added,
    ]);
  }
  await tx.run(
    `UPDATE ${CONTACTS} SET state = 'suppressed', reason = $1
     WHERE number IN (${parameterList(numbers, 2)}) AND state = 'waiting'`,
    [SUPPRESSED, ...numbers],
  );
}

/** The number goes on being suppressed, under its pseudonym and without what was written about it. */
export async function eraseSuppression(transaction: StoreTransaction, number: string): Promise<void> {
  await transaction.tx.run(`UPDATE ${SUPPRESSIONS} SET number = $2, reason = '', source = '' WHERE number = $1`, [
    number,
    pseudonymOf(transaction, number),
  ]);
}

interface SuppressionRow {
  readonly number: string;
  readonly reason: string;
  readonly source: string;
  readonly created_at: number;
}

/** See `CampaignStore.suppressions`. */
export async function* listSuppressions(db: SqlDatabase): AsyncGenerator<Suppression, void> {
  const rows = inPages<SuppressionRow>(db, async (tx, last) =>
    tx.rows(`SELECT * FROM ${SUPPRESSIONS} WHERE number > $1 ORDER BY number LIMIT ${PAGE_SIZE}`, [last?.number ?? '']),
  );
  for await (const row of rows) yield toSuppression(row);
}

function toSuppression({ number, reason, source, created_at: createdAt }: SuppressionRow): Suppression {
  return { ...(!number.startsWith(ERASED_PREFIX) && { number }), reason, source, createdAt: iso(createdAt) };
}
