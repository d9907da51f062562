/** The timing of polls: intervals, backoff and timeouts, which the workflow and the activity share. */

/** The shortest interval between two polls of a call, in milliseconds. */
export const MIN_POLL_INTERVAL_MS = 250;

/** The longest interval between two polls of a call, in milliseconds. */
export const MAX_POLL_INTERVAL_MS = 5 * 60_000;

/** Share of the interval by which a wait may be shorter or longer, so that many monitors never poll in step. */
export const JITTER = 0.2;

/** A wait of about `intervalMs`; `random` is from 0 to 1. */
export function jitter(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (1 - JITTER + 2 * JITTER * random));
}

/** Backoff after a transient error: in Temporal's retry policy, and between the retries that a long poll makes in place. */
export const RETRY_BACKOFF = { initialMs: 1_000, coefficient: 2, maximumMs: 30_000 } as const;

/** The wait after `failures` failed polls in a row, in milliseconds. */
export function backoffMs(failures: number): number {
  const { initialMs, coefficient, maximumMs } = RETRY_BACKOFF;
  return Math.min(maximumMs, initialMs * coefficient ** (failures - 1));
}

/** The jittered backoff after `failures` failed polls in a row or `Retry-After`, whichever is longer; `random` is from 0 to 1. */
export function retryWaitMs(failures: number, random: number, retryAfterMs = 0): number {
  return Math.max(jitter(backoffMs(failures), random), retryAfterMs);
}

/** Timeouts of one attempt of `getStatus`, in milliseconds. */
export const GET_STATUS_TIMEOUTS = {
  /** Start-to-close timeout of a single poll: longer than `MAX_REQUEST_TIMEOUT_MS`. A long poll adds its hold time. */
  startToCloseMs: 20_000,
  /** Heartbeat timeout of a single poll. */
  heartbeatTimeoutMs: 10_000,
  /** Heartbeat timeout of a long poll, which heartbeats every 60 to 75 s. */
  longPollHeartbeatTimeoutMs: 90_000,
} as const;

/** Timeouts of `saveOutcome`, in milliseconds. A store that gives no answer must not occupy an activity slot for longer. */
export const SAVE_OUTCOME_TIMEOUTS = {
  startToCloseMs: 15_000,
  /** The longest time that the activity waits for the store: less than its start-to-close timeout. */
  storeMs: 12_000,
  /** The longest time that it still waits while its worker shuts down. */
  shutdownMs: 2_000,
} as const;

/** The longest `Retry-After` that is honoured, in milliseconds: past it the call's status may expire before the next poll. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** The longest timeout that a status request may have, in milliseconds. */
export const MAX_REQUEST_TIMEOUT_MS = 15_000;
