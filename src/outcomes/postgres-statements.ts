import type { Pool, PoolClient } from 'pg';

import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';
import type { SqlDialect } from './pages.js';
import { OUTCOMES_TABLE } from './postgres-schema.js';
import { fromRow, OUTCOME_COLUMNS, type OutcomeRow, text, TIME_COLUMNS, toRow, valuesOf } from './rows.js';
import { OutcomeStoreError } from './store.js';

const SELECTION = OUTCOME_COLUMNS.map(selected).join(', ');

/** How outcomes are listed from PostgreSQL. */
export const POSTGRES_DIALECT: SqlDialect = {
  table: OUTCOMES_TABLE,
  selection: SELECTION,
  parameter: (position, type) => (type === 'time' ? `$${position}::timestamptz` : `$${position}`),
};

const SAVE = `
  INSERT INTO ${OUTCOMES_TABLE} AS o (${OUTCOME_COLUMNS.join(', ')})
  VALUES (${OUTCOME_COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})
  ON CONFLICT (call_sid) DO UPDATE SET ${OUTCOME_COLUMNS.map((column) => `${column} = EXCLUDED.${column}`).join(', ')}
  WHERE o.status IS NULL
    AND (EXCLUDED.status IS NOT NULL OR EXCLUDED.last_status IS NOT NULL OR o.last_status IS NULL)
  RETURNING ${SELECTION}`;

const GET = `SELECT ${SELECTION} FROM ${OUTCOMES_TABLE} AS o WHERE o.call_sid = $1`;

/** The row of a call may be deleted between a save and its read. Three times in a row it is not. */
const MAX_ATTEMPTS = 3;

/** @returns the outcome that is stored now: the given one, or an earlier one that stays */
export async function upsert(
  database: Pool | PoolClient,
  outcome: OutcomeRecord,
  redactedUrl: string,
): Promise<StoredOutcome> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const saved = await write(database, valuesOf(toRow(outcome, new Date().toISOString())));
    if (saved) return saved;
    // No row: the stored outcome stays, was deleted since, or the database suppressed the write.
    const stored = await find(database, outcome.callSid);
    if (stored && (stored.status !== undefined || outcome.status === undefined)) return stored;
  }
  throw new OutcomeStoreError(redactedUrl, {
    code: 'unusable',
    problem: `does not store the row: a trigger, rule or policy on ${OUTCOMES_TABLE} suppresses it; remove that`,
  });
}

type Values = ReturnType<typeof valuesOf>;

/** SQLSTATE untranslatable_character: the database's encoding lacks a character of the text. */
const UNTRANSLATABLE_CHARACTER = '22P05';

/** Only a database with the encoding UTF8 takes all text. In another one, an outcome with `?` in it is better than none. */
async function write(database: Pool | PoolClient, values: Values): Promise<StoredOutcome | undefined> {
  const save = async (row: Values): Promise<StoredOutcome | undefined> => {
    const { rows } = await database.query<OutcomeRow>(SAVE, row);
    return rows[0] && fromRow(rows[0]);
  };
  try {
    return await save(values);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== UNTRANSLATABLE_CHARACTER) throw error;
    return await save(values.map((value) => (typeof value === 'string' ? asciiOnly(value) : value)));
  }
}

function asciiOnly(value: string): string {
  return value.replaceAll(/[^\p{ASCII}]/gu, '?');
}

/** The outcome of a call, if it is stored. */
export async function find(database: Pool | PoolClient, callSid: string): Promise<StoredOutcome | undefined> {
  const { rows } = await database.query<OutcomeRow>(GET, [text(callSid)]);
  return rows[0] && fromRow(rows[0]);
}

/** Selects a column in the form of `OutcomeRow`, independent of the database's time zone and date style. */
function selected(column: (typeof OUTCOME_COLUMNS)[number]): string {
  if (TIME_COLUMNS.has(column)) {
    return `to_char(o.${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${column}`;
  }
  if (column === 'timeline') return 'o.timeline::text AS timeline';
  // The driver returns a bigint as text.
  return column === 'polls' ? 'o.polls::double precision AS polls' : `o.${column}`;
}
