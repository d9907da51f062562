import { storable } from '../../outcomes/rows.js';
import { CampaignError } from '../errors.js';

/** A value of a statement, or of a row. */
export type SqlValue = string | number | null;

/** Statements in one transaction. Parameters are `$1`, `$2`, …, in the SQL that SQLite and PostgreSQL have in common. */
export interface SqlTransaction {
  /** The rows of a query, or of a statement with RETURNING. */
  rows<Row extends object>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** Runs a statement without rows. */
  run(sql: string, values?: readonly SqlValue[]): Promise<void>;
}

/** The values of a statement, of which any database accepts the text. */
export function bound(values: readonly SqlValue[]): SqlValue[] {
  return values.map((value) => (typeof value === 'string' ? storable(value) : value));
}

/** The parameters of a list of values: `$1, $2, …`. */
export function parameterList(values: readonly SqlValue[], first = 1): string {
  return values.map((_, index) => `$${index + first}`).join(', ');
}

/** Words of this package, none of which contains a quote, as a list of literals: `'a', 'b'`. */
export function sqlList(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}

/** Groups of `size`, each for a transaction of its own, so that calls can be decided in between; the last may be smaller. */
export function inChunks<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let first = 0; first < items.length; first += size) chunks.push(items.slice(first, first + size));
  return chunks;
}

/** Rows of one page: enough that the number of pages matters little, few enough that a page blocks no claim. */
export const PAGE_SIZE = 500;

/**
 * Rows in pages of a snapshot each, so that no transaction stays open while they are consumed.
 *
 * @param pageAfter reads up to `PAGE_SIZE` rows after a given one in their order, or the first ones
 */
export async function* inPages<Row>(
  db: SqlDatabase,
  pageAfter: (tx: SqlTransaction, last: Row | undefined) => Promise<Row[]>,
): AsyncGenerator<Row, void> {
  for (let last: Row | undefined; ;) {
    const after = last;
    const rows = await db.read((tx) => pageAfter(tx, after));
    yield* rows;
    if (rows.length < PAGE_SIZE) return;
    last = rows.at(-1);
  }
}

/** The database of a campaign store: two implementations of the same transactions. */
export interface SqlDatabase {
  /** The table of the outcome store in the same database. */
  readonly outcomesTable: string;
  /** An expression for the database's clock in epoch milliseconds. */
  readonly clock: string;
  /** A snapshot to read. */
  read<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T>;
  /** A transaction that writes, one at a time over all processes: what one decides, the next one sees. */
  exclusive<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Runs a transaction whose errors become errors of the database, all but a `CampaignError`: what a campaign does not allow is no
 * problem of the database.
 */
export async function withCampaignErrors<T, Argument>(
  work: (argument: Argument) => Promise<T>,
  transact: (work: (argument: Argument) => Promise<T>) => Promise<T>,
): Promise<T> {
  let refusal: CampaignError | undefined;
  const observed = async (argument: Argument): Promise<T> => {
    refusal = undefined;
    try {
      return await work(argument);
    } catch (error) {
      if (error instanceof CampaignError) refusal = error;
      throw error;
    }
  };
  try {
    return await transact(observed);
  } catch (error) {
    throw refusal ?? error;
  }
}
