import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

import { isRetryableFailureType } from '../contract/failures.js';
import type { PollProgress } from '../contract/get-status.js';
import type { CallObservation, StatusChange } from '../contract/observation.js';
import type { PolyAiError } from '../polyai/errors.js';

/** A `Retry-After` is honoured up to this: past it a call's outcome may be gone before the next poll. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** First of the details of a failed `getStatus`. */
export interface GetStatusFailureDetails {
  /** Status requests made, this one included. */
  readonly polls: number;
  /** The last good answer before the failure, when this `getStatus` had one. */
  readonly observation?: CallObservation | undefined;
  /** The statuses that this `getStatus` had seen, oldest first. */
  readonly changes?: readonly StatusChange[] | undefined;
  /** What `Retry-After` asks for, bounded. */
  readonly retryAfterMs?: number | undefined;
  readonly httpStatus?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly correlationId?: string | undefined;
  /** What the worker has: an outcome store, and the search attribute of alarms in its namespace. */
  readonly outcomeStore?: 'on' | undefined;
  readonly alarmAttribute?: true | undefined;
}

/**
 * The one place where an error of the API becomes a Temporal failure: its type, whether Temporal retries it, and when.
 * The error itself does not become the failure's cause, for histories must hold nothing that came near the token.
 */
export function toApplicationFailure(
  error: PolyAiError,
  progress: PollProgress,
  worker: Pick<GetStatusFailureDetails, 'outcomeStore' | 'alarmAttribute'> = {},
): ApplicationFailure {
  const { kind: type, message, httpStatus, errorCode, correlationId } = error;
  const retryAfterMs = error.retryAfterMs && Math.min(error.retryAfterMs, MAX_RETRY_AFTER_MS);
  const details: GetStatusFailureDetails = {
    ...knowledgeOf(progress),
    retryAfterMs,
    httpStatus,
    errorCode,
    correlationId,
    ...worker,
  };
  const isRetryable = isRetryableFailureType(type);
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: !isRetryable,
    details: [details],
    ...(isRetryable && retryAfterMs && { nextRetryDelay: retryAfterMs }),
    // The worker itself holds its requests back, which it has logged once.
    ...(error.notSent && { category: ApplicationFailureCategory.BENIGN }),
  });
}

/** What is known of the call, for a failure's details. */
export function knowledgeOf({ polls, observation, changes }: PollProgress): GetStatusFailureDetails {
  return observation ? { polls, observation, changes } : { polls };
}
