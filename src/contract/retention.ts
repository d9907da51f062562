import { classifyCallStatus } from './call.js';
import type { CallObservation, MonitorError } from './observation.js';

/** How long the API keeps the status of a call that has ended, about. Source: the vendor's "Get call status" page. */
export const STATUS_RETENTION_MS = 2 * 3_600_000;

/** After so long without a good answer it is time to act: three quarters of `STATUS_RETENTION_MS` are left for it. */
export const ALARM_AFTER_MS = STATUS_RETENTION_MS / 4;

/** What is known of a call that has still to end; `MonitorProgress` is one. */
export interface WatchedCall {
  /** The last good answer. */
  readonly lastObservation?: Pick<CallObservation, 'status' | 'observedAt'> | undefined;
  /** When the monitor was started: counts until there is a good answer. ISO 8601. */
  readonly startedAt: string;
}

/**
 * Until when an outage may last without the outcome being lost, for the call may have ended right after the last good
 * answer. ISO 8601 UTC; nothing once the call is known to be over.
 */
export function outcomeSafeUntil(call: WatchedCall): string | undefined {
  const lastSignMs = lastSignMsOf(call);
  return lastSignMs === undefined ? undefined : new Date(lastSignMs + STATUS_RETENTION_MS).toISOString();
}

/** Whether a call that may have ended has had no good answer for `ALARM_AFTER_MS` or more. */
export function isAtRisk(call: WatchedCall, nowMs: number): boolean {
  const fromMs = atRiskFromMs(call);
  return fromMs !== undefined && nowMs >= fromMs;
}

/** When a call with no further good answer becomes one at risk, in epoch milliseconds; nothing once it is known to be over. */
export function atRiskFromMs(call: WatchedCall): number | undefined {
  const lastSignMs = lastSignMsOf(call);
  return lastSignMs === undefined ? undefined : lastSignMs + ALARM_AFTER_MS;
}

/** When the call was last known not to be over; nothing when it is. A time that is none must not break a workflow. */
function lastSignMsOf({ lastObservation: last, startedAt }: WatchedCall): number | undefined {
  if (last && classifyCallStatus(last.status).kind === 'terminal') return undefined;
  const lastSignMs = Date.parse(last?.observedAt ?? startedAt);
  return Number.isNaN(lastSignMs) ? undefined : lastSignMs;
}

/**
 * What keeps a monitor from knowing how its call goes on, while there is time to act:
 * - `credential-refused`: the API refuses the token;
 * - `api-unreachable`: no good answer for half an hour;
 * - `no-worker`: for half an hour no worker asked.
 */
export type MonitorAlarm = 'credential-refused' | 'api-unreachable' | 'no-worker';

interface AlarmSource extends WatchedCall {
  readonly credentialRefusedSinceMs?: number | undefined;
  readonly lastError?: Pick<MonitorError, 'type'> | undefined;
}

/** The alarm that a monitor's state gives; nothing after a good answer. */
export function alarmOf(state: AlarmSource, nowMs: number): MonitorAlarm | undefined {
  if (state.credentialRefusedSinceMs !== undefined) return 'credential-refused';
  if (!isAtRisk(state, nowMs)) return undefined;
  return state.lastError?.type.startsWith('Timeout:') ? 'no-worker' : 'api-unreachable';
}
