import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

import { isRetryableFailureType } from '../contract/failures.js';
import type { GetStatusFailureDetails } from '../contract/get-status.js';
import { MAX_RETRY_AFTER_MS } from '../contract/pacing.js';
import type { PolyAiError } from '../polyai/errors.js';

/**
 * The only place where an error of the API becomes a Temporal failure: its type, whether Temporal retries it, and when.
 * The error does not become the failure's cause, because histories must not contain anything that was near the token.
 *
 * @param known what the attempt knows about the call and its worker
 */
export function toApplicationFailure(error: PolyAiError, known: GetStatusFailureDetails): ApplicationFailure {
  const { kind: type, message, httpStatus, errorCode, correlationId } = error;
  const retryAfterMs = error.retryAfterMs && Math.min(error.retryAfterMs, MAX_RETRY_AFTER_MS);
  const details: GetStatusFailureDetails = { ...known, retryAfterMs, httpStatus, errorCode, correlationId };
  const isRetryable = isRetryableFailureType(type);
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: !isRetryable,
    details: [details],
    ...(isRetryable && retryAfterMs && { nextRetryDelay: retryAfterMs }),
    // Logged once elsewhere: why the worker does not send requests; by the monitor, what it makes of an unknown call.
    ...((error.notSent || type === 'CallNotFound') && { category: ApplicationFailureCategory.BENIGN }),
  });
}
