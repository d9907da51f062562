import { classifyCallStatus } from './call.js';
import { HOUR_MS } from './duration.js';
import { type CallObservation, isTimeoutErrorType, type MonitorError } from './observation.js';

/** How long PolyAI stores the status of a call that has ended, about. Source: the vendor's "Get call status" page. */
export const STATUS_RETENTION_MS = 2 * HOUR_MS;

/** The alarm is raised after this long without an observation: three quarters of the retention are left to act. */
export const ALARM_AFTER_MS = STATUS_RETENTION_MS / 4;

/** A call that may still have to end; `MonitorProgress` is one. */
export interface WatchedCall {
  /** The last observation. */
  readonly lastObservation?: Pick<CallObservation, 'status' | 'observedAt'> | undefined;
  /** When the monitor started: counts until the first observation. ISO 8601. */
  readonly startedAt: string;
}

/**
 * The outcome-safe time: until then an outage cannot cost the outcome, though the call may have ended right after the last
 * observation. ISO 8601 UTC; `undefined` once a terminal status was observed.
 */
export function outcomeSafeUntil(call: WatchedCall): string | undefined {
  const lastMs = lastObservedMs(call);
  return lastMs === undefined ? undefined : new Date(lastMs + STATUS_RETENTION_MS).toISOString();
}

/** Whether a call that may have ended has not been observed for `ALARM_AFTER_MS` or more. */
export function isAtRisk(call: WatchedCall, nowMs: number): boolean {
  const fromMs = atRiskAtMs(call);
  return fromMs !== undefined && nowMs >= fromMs;
}

/** When a call without a further observation becomes at risk, in epoch milliseconds; `undefined` once it has ended. */
export function atRiskAtMs(call: WatchedCall): number | undefined {
  const lastMs = lastObservedMs(call);
  return lastMs === undefined ? undefined : lastMs + ALARM_AFTER_MS;
}

/** When the call was last known to go on; `undefined` once it has ended. A malformed time must not fail a workflow task. */
function lastObservedMs({ lastObservation: last, startedAt }: WatchedCall): number | undefined {
  if (last && classifyCallStatus(last.status).kind === 'terminal') return undefined;
  const lastMs = Date.parse(last?.observedAt ?? startedAt);
  return Number.isNaN(lastMs) ? undefined : lastMs;
}

/**
 * Why a monitor cannot observe its call, while there is time to act:
 * - `credential-refused`: the API rejects the token;
 * - `api-unreachable`: no observation for half an hour;
 * - `no-worker`: no worker has run `getStatus` for half an hour.
 */
export type MonitorAlarm = 'credential-refused' | 'api-unreachable' | 'no-worker';

interface AlarmSource extends WatchedCall {
  readonly credentialRefusedSinceMs?: number | undefined;
  readonly lastError?: Pick<MonitorError, 'type'> | undefined;
}

/** The alarm for a monitor's state; `undefined` while the API accepts the token and the call is not at risk. */
export function alarmOf(state: AlarmSource, nowMs: number): MonitorAlarm | undefined {
  if (state.credentialRefusedSinceMs !== undefined) return 'credential-refused';
  if (!isAtRisk(state, nowMs)) return undefined;
  return state.lastError && isTimeoutErrorType(state.lastError.type) ? 'no-worker' : 'api-unreachable';
}
