import type { TerminalStatus } from '../contract/call.js';
import type { StatusChange } from '../contract/observation.js';
import type { OutcomeRecord, FailureReason, StoredOutcome } from '../contract/outcome.js';

/** The columns of the outcomes table, in order. Users query them: docs/reference/outcomes-table.md. */
export const OUTCOME_COLUMNS = [
  'call_sid',
  'account',
  'status',
  'reason',
  'ending_type',
  'ending_message',
  'last_status',
  'last_raw_status',
  'last_reason',
  'last_seen_at',
  'polls',
  'started_at',
  'finished_at',
  'workflow_id',
  'run_id',
  'saved_at',
  'timeline',
] as const;

/** The columns that hold a time. */
export const TIME_COLUMNS: ReadonlySet<string> = new Set(['last_seen_at', 'started_at', 'finished_at', 'saved_at']);

/** An outcome as a row: times as `2026-01-31T12:00:00.000Z`, the timeline as JSON. */
export interface OutcomeRow {
  readonly call_sid: string;
  readonly account: string | null;
  readonly status: string | null;
  readonly reason: string;
  readonly ending_type: string | null;
  readonly ending_message: string | null;
  readonly last_status: string | null;
  readonly last_raw_status: string | null;
  readonly last_reason: string | null;
  readonly last_seen_at: string | null;
  readonly polls: number;
  readonly started_at: string;
  readonly finished_at: string;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly saved_at: string;
  readonly timeline: string;
}

/** @throws TypeError when the outcome does not have the type's shape; a database would report that less clearly */
export function toRow(outcome: OutcomeRecord, savedAt: string): OutcomeRow {
  const { account, status, ending, lastObservation: last } = outcome;
  return {
    call_sid: text(outcome.callSid),
    account: orNull(text, account),
    status: orNull(text, status),
    reason: text(outcome.reason),
    ending_type: orNull(text, ending?.type),
    ending_message: orNull(text, ending?.message),
    last_status: orNull(text, last?.status),
    last_raw_status: orNull(text, last?.rawStatus),
    last_reason: orNull(text, last?.reason),
    last_seen_at: orNull(time, last?.observedAt),
    polls: count(outcome.polls),
    started_at: time(outcome.startedAt),
    finished_at: time(outcome.finishedAt),
    workflow_id: text(outcome.workflowId),
    run_id: text(outcome.runId),
    saved_at: time(savedAt),
    timeline: JSON.stringify(outcome.timeline.map(({ status: word, at }) => ({ status: text(word), at: text(at) }))),
  };
}

/** The values of a row in the order of `OUTCOME_COLUMNS`. */
export function valuesOf(row: OutcomeRow): (string | number | null)[] {
  return OUTCOME_COLUMNS.map((column) => row[column]);
}

/** Reads the columns by name; a driver may add others. */
export function fromRow(row: OutcomeRow): StoredOutcome {
  return {
    callSid: row.call_sid,
    ...(row.account !== null && { account: row.account }),
    ...(row.status !== null && { status: row.status as TerminalStatus }),
    reason: row.reason,
    ...(row.ending_type !== null && {
      ending: { type: row.ending_type as FailureReason['type'], message: row.ending_message ?? '' },
    }),
    ...(row.last_status !== null && {
      lastObservation: {
        status: row.last_status,
        rawStatus: row.last_raw_status ?? row.last_status,
        reason: row.last_reason ?? '',
        observedAt: row.last_seen_at ?? row.finished_at,
      },
    }),
    polls: row.polls,
    timeline: (JSON.parse(row.timeline) as readonly StatusChange[]).map(({ status, at }) => ({ status, at })),
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    workflowId: row.workflow_id,
    runId: row.run_id,
    savedAt: row.saved_at,
  };
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`an outcome has a ${typeof value} where text is required`);
  return storable(value);
}

/** Text that every database accepts: PostgreSQL rejects NUL, and a lone surrogate is not valid UTF-8. */
export function storable(value: string): string {
  return value.replaceAll('\0', '\uFFFD').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

/** A time in the ISO 8601 form that sorts as text. */
export function time(value: unknown): string {
  const ms = typeof value === 'string' ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) throw new TypeError('an outcome, or a query for outcomes, has a time that is not ISO 8601');
  return new Date(ms).toISOString();
}

/** Whatever is not a number of polls counts as 0 (NaN is null in JSON): for a diagnostic number no outcome may be lost. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function orNull<T>(convert: (value: unknown) => T, value: unknown): T | null {
  return value === undefined || value === null ? null : convert(value);
}
