import { ACCOUNT_NAME_FORMAT, INVALID_CALL_SID_MESSAGE, isAccountName, isCallSid } from '../contract/call.js';
import { DAY_MS, DURATION_FORMAT, formatDuration, HOUR_MS, parseDurationMs } from '../contract/duration.js';
import type { FailureType } from '../contract/failures.js';
import { isRecord } from '../contract/is-record.js';
import { DEFAULT_DEADLINE_MS } from '../contract/monitor.js';
import { MAX_POLL_INTERVAL_MS, MIN_POLL_INTERVAL_MS } from '../contract/pacing.js';

/** The monitor's input, validated and with defaults applied. */
export interface MonitorSettings {
  readonly callSid: string;
  /** Absent: the worker's default account. */
  readonly account?: string;
  readonly intervalMs: number;
  /** 0: each poll is a separate activity. */
  readonly holdMs: number;
  readonly deadlineMs: number;
  readonly notFoundGraceMs: number;
}

interface InputProblem {
  readonly type: Extract<FailureType, 'InvalidInput' | 'InvalidCallSid'>;
  readonly message: string;
}

interface DurationRule {
  readonly defaultMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Limits and defaults. The vendor asks for a poll every 2–5 s; a call lasts minutes, but may be queued for hours. */
export const DURATION_RULES = {
  'polling.interval': { defaultMs: 3_000, minMs: MIN_POLL_INTERVAL_MS, maxMs: MAX_POLL_INTERVAL_MS },
  'polling.hold': { defaultMs: 10 * 60_000, minMs: 0, maxMs: HOUR_MS },
  deadline: { defaultMs: DEFAULT_DEADLINE_MS, minMs: 1_000, maxMs: 30 * DAY_MS },
  notFoundGrace: { defaultMs: 0, minMs: 0, maxMs: 300_000 },
} as const satisfies Readonly<Record<string, DurationRule>>;

/** Validates the input, which clients in any language may have sent. Unknown fields are ignored. */
export function parseMonitorInput(input: unknown): MonitorSettings | InputProblem {
  if (!isRecord(input)) return invalid('the input must be one object such as { "callSid": "OUT-…" }');
  const { callSid, deadline, notFoundGrace } = input;
  const polling = input['polling'] ?? {};
  const account = input['account'] ?? null;
  if (typeof callSid !== 'string') return invalid('callSid must be a string such as "OUT-…"');
  if (!isCallSid(callSid)) return { type: 'InvalidCallSid', message: INVALID_CALL_SID_MESSAGE };
  // The value is not repeated in the message: it might be a token.
  if (account !== null && !isAccountName(account)) return invalid(`account must be ${ACCOUNT_NAME_FORMAT}`);
  if (!isRecord(polling)) return invalid('polling must be an object such as { "interval": "3s" }');
  const intervalMs = durationMs('polling.interval', polling['interval']);
  const holdMs = durationMs('polling.hold', polling['hold']);
  const deadlineMs = durationMs('deadline', deadline);
  const notFoundGraceMs = durationMs('notFoundGrace', notFoundGrace);
  if (typeof intervalMs !== 'number') return intervalMs;
  if (typeof holdMs !== 'number') return holdMs;
  if (typeof deadlineMs !== 'number') return deadlineMs;
  if (typeof notFoundGraceMs !== 'number') return notFoundGraceMs;
  return { callSid, ...(account !== null && { account }), intervalMs, holdMs, deadlineMs, notFoundGraceMs };
}

function durationMs(name: keyof typeof DURATION_RULES, value: unknown): number | InputProblem {
  const { defaultMs, minMs, maxMs } = DURATION_RULES[name];
  if (value === undefined || value === null) return defaultMs;
  const ms = parseDurationMs(value);
  if (ms === undefined) return invalid(`${name} must be ${DURATION_FORMAT}`);
  if (ms >= minMs && ms <= maxMs) return ms;
  return invalid(
    `${name} must be from ${formatDuration(minMs)} to ${formatDuration(maxMs)}, not ${formatDuration(ms)}`,
  );
}

function invalid(message: string): InputProblem {
  return { type: 'InvalidInput', message };
}
