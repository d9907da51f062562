import type { Context } from '@temporalio/activity';

import type { LongPollRequest } from '../contract/get-status.js';
import {
  GET_STATUS_TIMEOUTS,
  jitter,
  MAX_REQUEST_TIMEOUT_MS,
  MAX_RETRY_AFTER_MS,
  MIN_POLL_INTERVAL_MS,
  retryWaitMs,
} from '../contract/pacing.js';
import type { PolyAiError } from '../polyai/errors.js';

/** Share of the hold time by which a long poll may be shorter, so that calls that began together do not return together. */
const HOLD_SPREAD = 0.2;

/** After widespread errors, the long polls that failed return within this time, spread at random. */
const RECOVERY_MS = 30_000;

/** Kept free before the schedule-to-close timeout: a long poll that returns loses nothing, one that times out does. */
const RESERVED_MS = GET_STATUS_TIMEOUTS.startToCloseMs;

/** Past its end a long poll may have a request under way. After this it hangs: perhaps the token function never settles. */
export const OVERDUE_MS = MAX_REQUEST_TIMEOUT_MS + 2_000;

/** How long this attempt polls, in milliseconds. */
export function longPollMs({ forMs }: LongPollRequest, context: Context): number {
  return Math.min(forMs * (1 - HOLD_SPREAD * Math.random()), timeLeftMs(context));
}

/**
 * What earlier attempts have left of the schedule-to-close timeout. Both times are the server's: the difference to this
 * worker's clock says nothing. How long this attempt was queued is not known; the server enforces the timeout.
 */
function timeLeftMs({ info }: Context): number {
  const { scheduleToCloseTimeoutMs, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = info;
  if (!scheduleToCloseTimeoutMs) return Infinity;
  const spentMs = Math.max(0, currentAttemptScheduledTimestampMs - scheduledTimestampMs);
  return scheduleToCloseTimeoutMs - spentMs - RESERVED_MS;
}

/** A random time within which a long poll returns after widespread errors, to spread the load on the server. */
export function recoveryMs(): number {
  return Math.random() * RECOVERY_MS;
}

/** The wait after a poll that observed the call. */
export function waitAfterObservationMs({ intervalMs }: LongPollRequest): number {
  return jitter(Math.max(intervalMs, MIN_POLL_INTERVAL_MS), Math.random());
}

/**
 * The wait after a poll that failed.
 *
 * @param failures failed polls in a row, this one included
 */
export function waitAfterFailureMs(error: PolyAiError, failures: number): number {
  // The request has waited for the limiter already.
  if (error.notSent) return 0;
  return retryWaitMs(failures, Math.random(), Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}
