import { isRecord } from './is-record.js';
import {
  type CallObservation,
  isCallObservation,
  type MonitorError,
  type ObservedCall,
  type StatusChange,
} from './observation.js';

/**
 * The messages between the workflow and the activity `getStatus`. All field names are durable: they are in saved histories and
 * in heartbeats, and during a rolling deployment workers of two versions read each other's.
 */

/** Input of the activity `getStatus`. */
export interface GetStatusInput {
  readonly callSid: string;
  /** The worker's name for the account that the call belongs to. Absent: its default account. */
  readonly account?: string | undefined;
  /** Asks for a long poll. Absent: a single poll. */
  readonly hold?: LongPollRequest | undefined;
  /**
   * The number of this `getStatus` in the monitor's run, by which its status reports are counted once. Absent when the monitor
   * does not handle the signal `reportStatus`: a long poll then returns when the status changes.
   */
  readonly reportAs?: number | undefined;
  /** The monitor has abandoned the `getStatus` before this one, and does not receive its result or failure. */
  readonly followsAbandoned?: true | undefined;
  /** What the monitor knows, so that `getStatus` can save the outcome. Absent: the monitor calls `saveOutcome`. */
  readonly known?: KnownCall | undefined;
}

/** What a monitor knows about its call when it calls `getStatus`. */
export interface KnownCall extends Pick<ObservedCall, 'polls' | 'timeline'> {
  /** When the monitor started. ISO 8601 UTC. */
  readonly startedAt: string;
  /** When the last observation was made; absent before the first. ISO 8601 UTC. */
  readonly answeredAt?: string;
}

/**
 * Asks for a long poll: `getStatus` polls at the interval until there is something to report, its time is up, its slot
 * is needed, or its worker shuts down. It returns a terminal status and an error that is not retried in place, and reports
 * other status changes by signal.
 */
export interface LongPollRequest {
  /** The hold time: the longest time before the long poll returns, in milliseconds. */
  readonly forMs: number;
  /** Time between two polls before jitter, in milliseconds. */
  readonly intervalMs: number;
  /** The last status that the workflow knows; absent before the first. */
  readonly knownStatus?: string | undefined;
}

/** What one `getStatus` learned about its call, in all its attempts. Part of its result, its failures and its heartbeats. */
export interface PollReport {
  /** Status requests made, failed ones included. */
  readonly polls: number;
  /** The last observation; absent when there was none. */
  readonly observation?: CallObservation;
  /** The statuses observed, oldest first, each when it was first observed. Absent from a single poll. */
  readonly changes?: readonly StatusChange[];
}

/** Heartbeat details of `getStatus`. The next attempt resumes from them, and the Web UI shows them. */
export interface PollProgress extends PollReport {
  readonly changes: readonly StatusChange[];
  /** When the current status was first observed. ISO 8601 UTC. */
  readonly statusSince?: string;
  /** Status requests that failed. */
  readonly errors: number;
  /** Present while the last request did not succeed. */
  readonly lastError?: MonitorError;
}

/** What the worker that ran `getStatus` can do, so that the workflow uses nothing that is not there. */
export interface WorkerCapabilities {
  /** Present when the namespace has the search attribute `PolyAiCallStatus`. */
  readonly searchAttributes?: true;
  /** Present when the namespace has the search attribute `PolyAiAlarm`. */
  readonly alarmAttribute?: true;
  /** Present when the worker has an outcome store: `saved` when the store has the terminal status of this call, else `on`. */
  readonly outcomeStore?: 'on' | 'saved';
}

/** Result of the activity `getStatus`. */
export interface GetStatusResult extends PollReport, WorkerCapabilities {
  /** Present when a long poll ended because its worker shut down: the next one begins at once. */
  readonly handedBack?: true;
  /** Set together with `handedBack`: the error of the last request, if it failed. */
  readonly lastError?: MonitorError;
}

/** Payload of the signal `reportStatus`: the poll report of a `getStatus` that goes on. Each includes the ones before it. */
export interface StatusReport extends PollReport, WorkerCapabilities {
  /** `GetStatusInput.reportAs` of the `getStatus`. */
  readonly reportAs: number;
  readonly observation: CallObservation;
  readonly changes: readonly StatusChange[];
}

/** First of the details of a failed `getStatus`. */
export interface GetStatusFailureDetails extends PollReport, WorkerCapabilities {
  /** The delay that `Retry-After` asks for, at most `MAX_RETRY_AFTER_MS`. */
  readonly retryAfterMs?: number | undefined;
  readonly httpStatus?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** Whether `value`, which another process sent, has the fields of a poll report. */
export function isPollReport(value: unknown): value is PollReport {
  if (!isRecord(value)) return false;
  const { polls, observation, changes } = value;
  return (
    isCount(polls) &&
    (observation === undefined || isCallObservation(observation)) &&
    (changes === undefined || areStatusChanges(changes))
  );
}

/** Whether `value` has the fields of `GetStatusResult` that the monitor reads. */
export function isGetStatusResult(value: unknown): value is GetStatusResult {
  if (!isPollReport(value)) return false;
  const { lastError } = value as GetStatusResult;
  return lastError === undefined || isMonitorError(lastError);
}

/** Whether `value` has the fields of `PollProgress`: heartbeat details may be of another activity, or of another version. */
export function isPollProgress(value: unknown): value is PollProgress {
  if (!isPollReport(value)) return false;
  const { changes, errors, lastError } = value as Partial<PollProgress>;
  return changes !== undefined && isCount(errors) && (lastError === undefined || isMonitorError(lastError));
}

/** Whether `value` has the fields of `GetStatusFailureDetails` that the monitor reads. */
export function isGetStatusFailureDetails(value: unknown): value is GetStatusFailureDetails {
  if (!isPollReport(value)) return false;
  const { retryAfterMs = 0 } = value as GetStatusFailureDetails;
  return Number.isFinite(retryAfterMs) && retryAfterMs >= 0;
}

/** Whether `value` is a whole number of things, 0 or more. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areStatusChanges(value: unknown): boolean {
  return Array.isArray(value) && value.every((change) => isRecord(change) && haveText(change['status'], change['at']));
}

function isMonitorError(value: unknown): boolean {
  return isRecord(value) && haveText(value['type'], value['message'], value['at']);
}

function haveText(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}
