import type { CallObservation, MonitorError, StatusChange } from './observation.js';

/** Input of the activity `getStatus`. */
export interface GetStatusInput {
  readonly callSid: string;
  /** The worker's name for the account that the call belongs to. Absent: its default account. */
  readonly account?: string | undefined;
  /** Go on polling inside this activity. Absent: one observation, then return. */
  readonly hold?: LongPollRequest | undefined;
  /** Whether the monitor has cut its last `getStatus` short, so that it has not heard what that one saw. */
  readonly resumes?: boolean | undefined;
  /** What the monitor knows, so that an outcome can be saved at once. Absent: the monitor has it saved by `saveOutcome`. */
  readonly known?: KnownCall | undefined;
}

/** What a monitor knows of its call when it asks for the status. */
export interface KnownCall {
  /** When the monitor was started. ISO 8601 UTC. */
  readonly startedAt: string;
  /** When the last good answer came; absent before the first. ISO 8601 UTC. */
  readonly answeredAt?: string;
  readonly polls: number;
  readonly timeline: readonly StatusChange[];
}

/** Of a worker that keeps outcomes: `saved` when the final status is in its store, `on` when there is nothing of it there. */
export type OutcomeStoreState = 'on' | 'saved';

/**
 * Asks `getStatus` to hold, as an HTTP long poll does: it polls at the interval, and returns when the status is terminal,
 * unknown to this version or no longer `knownStatus`, when the time is up, or when its worker shuts down.
 */
export interface LongPollRequest {
  /** For how long, in milliseconds. */
  readonly forMs: number;
  /** Between two polls, jittered, in milliseconds. */
  readonly intervalMs: number;
  /** What the workflow knows the status to be. Absent while it knows none: the hold then passes from `queued` to `calling`. */
  readonly knownStatus?: string | undefined;
}

/** Result of the activity `getStatus`. */
export interface GetStatusResult {
  /** The last good answer. Absent only when a hold was given up before there was one. */
  readonly observation?: CallObservation;
  /** Status requests that this took, failed ones included. */
  readonly polls: number;
  /** Present when the namespace has the search attribute `PolyAiCallStatus`, so that the workflow may write it. */
  readonly searchAttributes?: true;
  /** Present when the namespace has the search attribute `PolyAiAlarm`. */
  readonly alarmAttribute?: true;
  /** Present after a hold: the statuses seen in it, oldest first, each when it was first seen. */
  readonly changes?: readonly StatusChange[];
  /** Present when the worker shut down and gave the call back: another goes on at once. */
  readonly handedBack?: true;
  /** Absent where outcomes are not kept. */
  readonly outcomeStore?: OutcomeStoreState;
}

/** What a hold has seen so far: its heartbeat details, from which a retry goes on, and which the Web UI shows. */
export interface PollProgress {
  /** Absent before the first good answer. */
  readonly observation?: CallObservation;
  /** Since when the status is what it is. ISO 8601 UTC. */
  readonly statusSince?: string;
  readonly changes: readonly StatusChange[];
  /** Status requests made, failed ones included, by all attempts of this activity. */
  readonly polls: number;
  /** Those that failed. */
  readonly errors: number;
  /** Present while the last request did not succeed. */
  readonly lastError?: MonitorError;
}

/** Time limits of one attempt of `getStatus`, in milliseconds. */
export const GET_STATUS_TIMEOUTS = {
  /** Longer than any HTTP request may take, see `MAX_REQUEST_TIMEOUT_MS`. Comes on top of the time of a hold. */
  startToCloseMs: 20_000,
  /** How soon the death of a worker is noticed while a request is under way. */
  heartbeatMs: 10_000,
  /** How soon the death of a worker is noticed while it holds. */
  holdHeartbeatMs: 90_000,
} as const;

/** The longest time limit that an HTTP request for a status may have, in milliseconds. */
export const MAX_REQUEST_TIMEOUT_MS = 15_000;
