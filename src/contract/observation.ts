import { isRecord } from './is-record.js';

/** One successful status response. */
export interface CallObservation {
  /** The status in lower case: `queued`, `calling`, `success`, `failure`, or a status that this version does not know. */
  readonly status: string;
  /** The status as the API wrote it. */
  readonly rawStatus: string;
  /** The API's reason; usually empty unless the call failed. */
  readonly reason: string;
  /**
   * When the response arrived, by the worker's clock. ISO 8601 UTC.
   * @format date-time
   */
  readonly observedAt: string;
}

/** Whether `value`, which another process sent, has the fields of an observation. */
export function isCallObservation(value: unknown): value is CallObservation {
  if (!isRecord(value)) return false;
  const { status, rawStatus, reason, observedAt } = value;
  return [status, rawStatus, reason, observedAt].every((text) => typeof text === 'string');
}

/** A change of the call's status, and when it was first observed. ISO 8601 UTC. */
export interface StatusChange {
  readonly status: string;
  /**
   * When it was first observed.
   * @format date-time
   */
  readonly at: string;
}

/** The last error of a monitor. */
export interface MonitorError {
  /** A `FailureType`, or Temporal's name for a failure that is not one of this package's. */
  readonly type: string;
  readonly message: string;
  /**
   * ISO 8601 UTC.
   * @format date-time
   */
  readonly at: string;
}

const TIMEOUT_TYPE_PREFIX = 'Timeout:';

/**
 * The `MonitorError.type` of an activity that timed out.
 *
 * @param kind Temporal's timeout type, such as `HEARTBEAT`
 */
export function timeoutErrorType(kind: string | undefined): string {
  return `${TIMEOUT_TYPE_PREFIX}${kind}`;
}

/** Whether a `MonitorError.type` is that of an activity that timed out. */
export function isTimeoutErrorType(type: string): boolean {
  return type.startsWith(TIMEOUT_TYPE_PREFIX);
}

/** What polling has shown about a call so far. */
export interface ObservedCall {
  /**
   * Status requests made, failed ones included. Attempts that a nudge or a crash interrupted may be missing.
   * @asType integer
   */
  readonly polls: number;
  /** Status changes, oldest first. Above 100, only the first 50 and the last 50 remain. */
  readonly timeline: readonly StatusChange[];
  /** The last observation; absent before the first. */
  readonly lastObservation?: CallObservation;
  /** Present while the last poll did not succeed. */
  readonly lastError?: MonitorError;
}

const MAX_TIMELINE_HALF = 50;

/**
 * Adds the changes that `timeline` does not have yet. Above 100, only the first 50 and the last 50 remain.
 *
 * @param changes of one `getStatus`, oldest first. They arrive more than once, each time with those before, of which the first
 *   may be left out of the timeline: the `getStatus` has observed anew what was known.
 */
export function mergeStatusChanges(
  timeline: readonly StatusChange[],
  changes: readonly StatusChange[],
): readonly StatusChange[] {
  const isKnown = ({ status, at }: StatusChange): boolean =>
    timeline.some((known) => known.status === status && known.at === at);
  const longer = [...timeline, ...changes.slice(changes.findLastIndex(isKnown) + 1)];
  const merged = longer.filter(({ status }, index) => longer[index - 1]?.status !== status);
  if (merged.length <= 2 * MAX_TIMELINE_HALF) return merged;
  return [...merged.slice(0, MAX_TIMELINE_HALF), ...merged.slice(-MAX_TIMELINE_HALF)];
}
