import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

import { isRetryableFailureType } from '../contract/failures.js';
import type { GetStatusFailureDetails, PollProgress } from '../contract/get-status.js';
import { MAX_RETRY_AFTER_MS } from '../contract/pacing.js';
import type { PolyAiError } from '../polyai/errors.js';

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
