import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  TimeoutFailure,
  type ActivityOptions,
} from '@temporalio/workflow';

import type { PolyAiActivities } from '../activities/index.js';
import { GET_STATUS_TIMEOUTS } from '../contract/index.js';
import type { PollFailure, PollOutcome } from './monitor-state.js';

const RETRY_POLICY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

export interface PollRequest {
  readonly callSid: string;
  /** How long the poll may be retried; 0 or less allows one attempt. */
  readonly remainingMs: number;
  /** One line for the Web UI. */
  readonly summary: string;
}

/**
 * One `getStatus`, with Temporal's retries, as a value.
 *
 * @throws a cancellation, when that is what ended it
 */
export async function pollCall({ callSid, remainingMs, summary }: PollRequest): Promise<PollOutcome> {
  const { getStatus } = proxyActivities<PolyAiActivities>({ ...timeLimits(remainingMs), summary });
  try {
    return { kind: 'observed', ...(await getStatus({ callSid })) };
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return asPollFailure(error);
  }
}

function timeLimits(remainingMs: number): ActivityOptions {
  const { startToCloseMs, heartbeatMs } = GET_STATUS_TIMEOUTS;
  const attempt = { startToCloseTimeout: startToCloseMs, heartbeatTimeout: heartbeatMs };
  return remainingMs > 0
    ? { ...attempt, scheduleToCloseTimeout: Math.max(remainingMs, startToCloseMs), retry: RETRY_POLICY }
    : { ...attempt, retry: { ...RETRY_POLICY, maximumAttempts: 1 } };
}

function asPollFailure({ cause }: ActivityFailure): PollFailure {
  if (cause instanceof ApplicationFailure) {
    const [details] = (cause.details ?? []) as [{ polls?: unknown }?];
    const polls = typeof details?.polls === 'number' ? details.polls : 1;
    return { kind: 'failed', type: cause.type ?? cause.name, message: cause.message, polls };
  }
  const type = cause instanceof TimeoutFailure ? `Timeout:${cause.timeoutType}` : (cause?.name ?? 'ActivityFailure');
  return { kind: 'failed', type, message: cause?.message ?? 'getStatus failed', polls: 1 };
}
