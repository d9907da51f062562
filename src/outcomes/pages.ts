import type { StoredOutcome } from '../contract/outcome.js';
import { fromRow, type OutcomeRow, text, time } from './rows.js';
import type { OutcomeQuery } from './store.js';

const PAGE_SIZE = 500;

/** How one database wants the statement. */
export interface SqlDialect {
  readonly table: string;
  /** What to select so that the result is an `OutcomeRow`. */
  readonly selection: string;
  /** The placeholder of the value at `position`, from 1. */
  readonly placeholder: (position: number, type: 'text' | 'time') => string;
}

interface SqlStatement {
  readonly sql: string;
  readonly values: readonly string[];
}

interface Page {
  readonly query: OutcomeQuery;
  /** The last row of the page before. */
  readonly after?: OutcomeRow | undefined;
  readonly size: number;
}

/**
 * Reads outcomes page by page, newest first, each page where the one before ended: no transaction stays open, and what is
 * saved meanwhile shifts nothing.
 */
export async function* listInPages(
  query: OutcomeQuery,
  dialect: SqlDialect,
  read: (statement: SqlStatement) => Promise<readonly OutcomeRow[]>,
): AsyncGenerator<StoredOutcome, void, undefined> {
  let left = query.limit ?? Infinity;
  let after: OutcomeRow | undefined;
  while (left > 0) {
    const size = Math.min(PAGE_SIZE, Math.ceil(left));
    const rows = await read(pageStatement({ query, after, size }, dialect));
    for (const row of rows) yield fromRow(row);
    if (rows.length < size) return;
    after = rows.at(-1);
    left -= size;
  }
}

function pageStatement({ query, after, size }: Page, { table, selection, placeholder }: SqlDialect): SqlStatement {
  const { since, until, status, account } = query;
  const values: string[] = [];
  const value = (given: string, type: 'text' | 'time' = 'text'): string =>
    placeholder(values.push(type === 'time' ? time(given) : text(given)), type);
  const conditions = [
    since !== undefined && `o.saved_at >= ${value(since, 'time')}`,
    until !== undefined && `o.saved_at < ${value(until, 'time')}`,
    status !== undefined && (status === 'none' ? 'o.status IS NULL' : `o.status = ${value(status)}`),
    account !== undefined && `o.account = ${value(account)}`,
    after && `(o.saved_at, o.call_sid) < (${value(after.saved_at, 'time')}, ${value(after.call_sid)})`,
  ].filter((condition) => typeof condition === 'string');
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return {
    sql: `SELECT ${selection} FROM ${table} AS o ${where} ORDER BY o.saved_at DESC, o.call_sid DESC LIMIT ${size}`,
    values,
  };
}
