import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

/** The `ApplicationFailure` that ended a workflow; throws when it did not end with one. */
export async function failureOf(outcome: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await outcome.then(
    (value) => {
      throw new Error(`expected a failure, got ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
  if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) return error.cause;
  throw error;
}
