import { Context } from '@temporalio/activity';

import { classifyCallStatus, type GetStatusInput, type GetStatusResult } from '../contract/index.js';
import { PolyAiError, type PolyAiClient } from '../polyai/index.js';
import { toApplicationFailure } from './to-application-failure.js';
import { whileHeartbeating } from './while-heartbeating.js';

export interface GetStatusDependencies {
  readonly polyAi: Pick<PolyAiClient, 'getCallStatus'>;
  /**
   * Whether the namespace has the search attribute `PolyAiCallStatus`.
   * @default false
   */
  readonly searchAttributes?: boolean | undefined;
  /**
   * The clock, in epoch milliseconds.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined;
}

/** Makes the activity `getStatus`: one observation of one call. */
export function createGetStatus({ polyAi, searchAttributes = false, now = Date.now }: GetStatusDependencies) {
  return async function getStatus({ callSid }: GetStatusInput): Promise<GetStatusResult> {
    const context = Context.current();
    const polls = context.info.attempt;
    try {
      const request = () => polyAi.getCallStatus(callSid, { signal: context.cancellationSignal });
      const { status: rawStatus, reason } = await whileHeartbeating(context, request);
      const { status } = classifyCallStatus(rawStatus);
      return {
        observation: { status, rawStatus, reason, observedAt: new Date(now()).toISOString() },
        polls,
        ...(searchAttributes && { searchAttributes }),
      };
    } catch (error) {
      throw error instanceof PolyAiError ? toApplicationFailure(error, polls) : error;
    }
  };
}
