import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  TimeoutFailure,
} from '@temporalio/workflow';

import type { GetStatusFailureDetails, PolyAiActivities } from '../activities/index.js';
import { GET_STATUS_TIMEOUTS } from '../contract/index.js';
import type { PollFailure, PollOutcome } from './monitor-state.js';

const RETRY_POLICY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

export interface PollRequest {
  readonly callSid: string;
  /** How long the poll may be retried. */
  readonly retryForMs?: number;
  /** How often it may be tried. */
  readonly maximumAttempts?: number;
  /** One line for the Web UI. */
  readonly summary: string;
}

/**
 * One `getStatus`, with Temporal's retries, as a value.
 *
 * @throws a cancellation, when that is what ended it
 */
export async function pollCall({ callSid, summary, ...limits }: PollRequest): Promise<PollOutcome> {
  const { getStatus } = proxyActivities<PolyAiActivities>({ ...retryOptions(limits), summary });
  try {
    return { kind: 'observed', ...(await getStatus({ callSid })) };
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return asPollFailure(error);
  }
}

function retryOptions({ retryForMs, maximumAttempts }: Pick<PollRequest, 'retryForMs' | 'maximumAttempts'>) {
  const { startToCloseMs, heartbeatMs } = GET_STATUS_TIMEOUTS;
  return {
    startToCloseTimeout: startToCloseMs,
    heartbeatTimeout: heartbeatMs,
    retry: { ...RETRY_POLICY, ...(maximumAttempts !== undefined && { maximumAttempts }) },
    ...(retryForMs !== undefined && { scheduleToCloseTimeout: Math.max(retryForMs, startToCloseMs) }),
  };
}

function asPollFailure({ cause }: ActivityFailure): PollFailure {
  if (cause instanceof ApplicationFailure) {
    const [details] = (cause.details ?? []) as [GetStatusFailureDetails?];
    const { polls = 1, retryAfterMs } = details ?? {};
    const failure = { type: cause.type ?? cause.name, message: cause.message, polls };
    return { kind: 'failed', ...failure, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  const type = cause instanceof TimeoutFailure ? `Timeout:${cause.timeoutType}` : (cause?.name ?? 'ActivityFailure');
  return { kind: 'failed', type, message: cause?.message ?? 'getStatus failed', polls: 1 };
}
