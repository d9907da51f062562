import Database from 'libsql';

import { openOutcomeStore, parseOutcomesUrl } from '../../../src/outcomes.js';
import { query } from '../../support/postgres-cluster.js';

/** Long enough that so many do not fit into a small heap. */
const REASON = 'The callee did not answer, so the call was ended after it had rung for a minute. '.repeat(20);
const TIMELINE = JSON.stringify(
  ['queued', 'calling', 'odd', 'calling', 'failure'].map((status) => ({ status, at: '2026-01-31T12:00:00.100Z' })),
);
const COLUMNS =
  'call_sid, status, reason, ending_type, ending_message, polls, started_at, finished_at, workflow_id, run_id, saved_at, timeline';

/** Fills a store with calls OUT-1 to OUT-`count`, three of each second; every tenth has no final status. */
export async function insertOutcomes(url: string, count: number): Promise<void> {
  await (await openOutcomeStore(url)).close();
  const target = parseOutcomesUrl(url);
  if (target.kind === 'postgres') await query(url, postgresInsert(count));
  if (target.kind !== 'sqlite') return;
  const db = new Database(target.path);
  db.exec(sqliteInsert(count));
  db.close();
}

function sqliteInsert(count: number): string {
  const savedAt = "strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + n / 3, 'unixepoch')";
  return `
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
    INSERT INTO outcomes (${COLUMNS})
    SELECT ${values(savedAt, (seconds) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${seconds}, 'unixepoch')`)} FROM numbers`;
}

function postgresInsert(count: number): string {
  return `
    INSERT INTO temporal_polyai_outcomes (${COLUMNS})
    SELECT ${values('to_timestamp(1700000000 + n / 3)', (seconds) => `to_timestamp(${seconds})`)}
    FROM generate_series(1, ${count}) AS n`;
}

function values(savedAt: string, time: (seconds: number) => string): string {
  return `
    'OUT-' || n,
    CASE WHEN n % 10 > 0 THEN 'failure' END,
    '${REASON}',
    CASE WHEN n % 10 = 0 THEN 'CallStatusExpired' END,
    CASE WHEN n % 10 = 0 THEN 'gone' END,
    40, ${time(1_699_000_000)}, ${time(1_699_000_100)}, 'outbound-call-OUT-' || n, 'run-1', ${savedAt}, '${TIMELINE}'`;
}
