import type { CallObservation, MonitorError, ObservedCall, StatusChange } from './observation.js';

/**
 * What the workflow and the activity `getStatus` tell each other. All field names are durable: they are in saved histories and
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
  /** When the present status was first observed. ISO 8601 UTC. */
  readonly statusSince?: string;
  /** Status requests that failed. */
  readonly errors: number;
  /** Present while the last request did not succeed. */
  readonly lastError?: MonitorError;
}

/** What the worker that ran `getStatus` can do, so that the workflow uses nothing that is not there. */
export interface WorkerCapabilities {
  /** Present when the namespace has the search attribute `PolyAiCallStatus`. Results only. */
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
}

/** Payload of the signal `reportStatus`: the poll report of a `getStatus` that goes on. Each includes the ones before it. */
export interface StatusReport extends PollReport, WorkerCapabilities {
  /** `GetStatusInput.reportAs` of the `getStatus`. */
  readonly reportAs: number;
  readonly observation: CallObservation;
  readonly changes: readonly StatusChange[];
}

/** First of the details of a failed `getStatus`. */
export interface GetStatusFailureDetails extends PollReport, Omit<WorkerCapabilities, 'searchAttributes'> {
  /** The delay that `Retry-After` asks for, at most `MAX_RETRY_AFTER_MS`. */
  readonly retryAfterMs?: number | undefined;
  readonly httpStatus?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly correlationId?: string | undefined;
}
