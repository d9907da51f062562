import { ApplicationFailure } from '@temporalio/common';

import type { GetStatusFailureDetails } from './to-application-failure.js';

/** A failure of the outcome store, which Temporal retries. */
export function storeFailure(what: string, error: unknown, details?: GetStatusFailureDetails): ApplicationFailure {
  const message = `${what}: ${problemOf(error)}`;
  return ApplicationFailure.retryable(message, 'OutcomeStoreUnavailable', ...(details ? [details] : []));
}

/** What an error of the outcome store says. */
export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
