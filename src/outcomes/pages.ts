import type { StoredOutcome } from '../contract/outcome.js';
import { fromRow, type OutcomeRow, text, time } from './rows.js';
import type { OutcomeQuery } from './store.js';

const PAGE_SIZE = 500;

/** What differs between the SQL of two databases. */
export interface SqlDialect {
  readonly table: string;
  /** The select list that yields an `OutcomeRow`. */
  readonly selection: string;
  /** The parameter marker of the value at `position`, from 1. */
  readonly parameter: (position: number, type: 'text' | 'time') => string;
}

interface SqlStatement {
  readonly sql: string;
  readonly values: readonly string[];
}

interface Page {
  readonly query: OutcomeQuery;
  /** The last row of the previous page. */
  readonly after?: OutcomeRow | undefined;
  readonly size: number;
}

/**
 * Reads outcomes newest first with keyset pagination: no transaction stays open, and rows that are saved meanwhile do not
 * shift the pages.
 */
export async function* listInPages(
  query: OutcomeQuery,
  dialect: SqlDialect,
  read: (statement: SqlStatement) => Promise<readonly OutcomeRow[]>,
): AsyncGenerator<StoredOutcome, void, undefined> {
  let remaining = query.limit ?? Infinity;
  let after: OutcomeRow | undefined;
  while (remaining > 0) {
    const size = Math.min(PAGE_SIZE, Math.ceil(remaining));
    const rows = await read(pageStatement({ query, after, size }, dialect));
    for (const row of rows) yield fromRow(row);
    if (rows.length < size) return;
    after = rows.at(-1);
    remaining -= size;
  }
}

function pageStatement({ query, after, size }: Page, { table, selection, parameter }: SqlDialect): SqlStatement {
  const { since, until, status, account } = query;
  const values: string[] = [];
  const bind = (given: string, type: 'text' | 'time' = 'text'): string =>
    parameter(values.push(type === 'time' ? time(given) : text(given)), type);
  const conditions = [
    since !== undefined && `o.saved_at >= ${bind(since, 'time')}`,
    until !== undefined && `o.saved_at < ${bind(until, 'time')}`,
    status !== undefined && (status === 'none' ? 'o.status IS NULL' : `o.status = ${bind(status)}`),
    account !== undefined && `o.account = ${bind(account)}`,
    after && `(o.saved_at, o.call_sid) < (${bind(after.saved_at, 'time')}, ${bind(after.call_sid)})`,
  ].filter((condition) => typeof condition === 'string');
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return {
    sql: `SELECT ${selection} FROM ${table} AS o ${where} ORDER BY o.saved_at DESC, o.call_sid DESC LIMIT ${size}`,
    values,
  };
}
