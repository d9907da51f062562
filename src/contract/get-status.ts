/** Input of the activity `getStatus`. */
export interface GetStatusInput {
  readonly callSid: string;
}

/** What the API said of a call, once. */
export interface CallObservation {
  /** The status in lower case: `queued`, `calling`, `success`, `failure`, or a word this version does not know. */
  readonly status: string;
  /** The status as the API wrote it. */
  readonly rawStatus: string;
  /** The API's reason; empty unless the call failed, as a rule. */
  readonly reason: string;
  /** When the answer arrived, by the worker's clock. ISO 8601 UTC. */
  readonly observedAt: string;
}

/** Result of the activity `getStatus`. */
export interface GetStatusResult {
  readonly observation: CallObservation;
  /** Status requests that this observation took, failed ones included. At least 1. */
  readonly polls: number;
  /** Present when the namespace has the search attribute `PolyAiCallStatus`, so that the workflow may write it. */
  readonly searchAttributes?: true;
}

/** Time limits of one attempt of `getStatus`, in milliseconds. */
export const GET_STATUS_TIMEOUTS = {
  /** Longer than any HTTP request may take, see `MAX_REQUEST_TIMEOUT_MS`. */
  startToCloseMs: 20_000,
  /** How soon the death of a worker is noticed while a request is under way. */
  heartbeatMs: 10_000,
} as const;

/** The longest time limit that an HTTP request for a status may have, in milliseconds. */
export const MAX_REQUEST_TIMEOUT_MS = 15_000;
