import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  patched,
  proxyActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';

import type { PolyAiActivities } from '../activities/create-activities.js';
import { isGetStatusFailureDetails, isGetStatusResult, isPollProgress } from '../contract/get-status.js';
import { type FailureReason, toOutcomeRecord } from '../contract/outcome.js';
import { GET_STATUS_ACTIVITY_TYPE, SAVE_OUTCOME_ACTIVITY_TYPE } from '../contract/names.js';
import { timeoutErrorType } from '../contract/observation.js';
import { GET_STATUS_TIMEOUTS, RETRY_BACKOFF, SAVE_OUTCOME_TIMEOUTS } from '../contract/pacing.js';
import { INVALID_RESULT, invalidResultMessage, isSaveOutcomeResult } from './activity-results.js';
import type { MonitorSettings } from './monitor-input.js';
import { isoTime, type MonitorState, type PollFailure, type PollResult } from './monitor-state.js';
import type { PollRequest } from './poll-request.js';

/** Retry policy of this package's activities: no limit on attempts. */
export const RETRY_POLICY = {
  initialInterval: RETRY_BACKOFF.initialMs,
  backoffCoefficient: RETRY_BACKOFF.coefficient,
  maximumInterval: RETRY_BACKOFF.maximumMs,
};

/**
 * Runs one `getStatus`, with Temporal's retries.
 *
 * @returns the activity's result, or its failure as a value
 * @throws CancelledFailure if the calling scope is cancelled
 */
export async function pollCall({ retryForMs, maximumAttempts, summary, ...input }: PollRequest): Promise<PollResult> {
  const startToCloseMs = GET_STATUS_TIMEOUTS.startToCloseMs + (input.hold?.forMs ?? 0);
  const { getStatus } = proxyActivities<PolyAiActivities>({
    startToCloseTimeout: startToCloseMs,
    // Do not wait for the worker: a long poll receives its cancellation with its next heartbeat only.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    heartbeatTimeout: input.hold
      ? GET_STATUS_TIMEOUTS.longPollHeartbeatTimeoutMs
      : GET_STATUS_TIMEOUTS.heartbeatTimeoutMs,
    retry: { ...RETRY_POLICY, ...(maximumAttempts !== undefined && { maximumAttempts }) },
    ...(retryForMs !== undefined && { scheduleToCloseTimeout: Math.max(retryForMs, startToCloseMs) }),
    summary,
  });
  try {
    const result: unknown = await getStatus(input);
    return isGetStatusResult(result) ? { kind: 'observed', ...result } : toInvalidResult();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return toPollFailure(error);
  }
}

/** A worker has answered, so this says something about it: it does not store outcomes. */
function toInvalidResult(): PollFailure {
  const message = invalidResultMessage(GET_STATUS_ACTIVITY_TYPE);
  return { kind: 'failed', polls: 0, type: INVALID_RESULT, message, hasWorkerReport: true };
}

/** Details of another activity that has our name, or of another version, are not read. */
function toPollFailure({ cause }: ActivityFailure): PollFailure {
  if (cause instanceof ApplicationFailure) {
    const given: unknown = cause.details?.[0];
    const details = isGetStatusFailureDetails(given) && { ...given, hasWorkerReport: true as const };
    return { polls: 1, ...details, kind: 'failed', type: cause.type ?? cause.name, message: cause.message };
  }
  if (cause instanceof TimeoutFailure) {
    const given: unknown = cause.lastHeartbeatDetails;
    const progress = isPollProgress(given) ? given : undefined;
    // The API's last error says more than the timeout that followed it.
    const { type, message } = progress?.lastError ?? {
      type: timeoutErrorType(cause.timeoutType),
      message: cause.message,
    };
    return { polls: 1, ...progress, kind: 'failed', type, message };
  }
  return {
    kind: 'failed',
    polls: 1,
    type: cause?.name ?? 'ActivityFailure',
    message: cause?.message ?? 'getStatus failed',
  };
}

/** Since 0.2.0. */
const CLOSE_WITHOUT_SAVE_PATCH = 'closes-after-failed-save';

/**
 * Saves the monitor's outcome, however long the store is unavailable, even if the monitor is cancelled.
 *
 * @param reason why the monitor ends; used if the call has no terminal status
 * @returns whether it was saved: `false` if the worker has no outcome store, or if an operator failed the activity
 */
export async function saveOutcome(
  { callSid, account }: MonitorSettings,
  state: MonitorState,
  reason?: FailureReason,
): Promise<boolean> {
  const outcome = toOutcomeRecord(
    {
      callSid,
      account,
      polls: state.polls,
      timeline: state.timeline,
      lastObservation: state.lastObservation,
      startedAt: isoTime(state.startedAtMs),
      execution: workflowInfo(),
    },
    reason && { ...reason, at: isoTime(Date.now()) },
  );
  if (!outcome) return false;
  const activities = proxyActivities<PolyAiActivities>({
    // Retried without limit, because a monitor must not close before its outcome is saved.
    startToCloseTimeout: SAVE_OUTCOME_TIMEOUTS.startToCloseMs,
    retry: RETRY_POLICY,
    summary: `save the outcome: ${outcome.status ?? outcome.ending?.type ?? ''}`,
  });
  try {
    const result: unknown = await CancellationScope.nonCancellable(() => activities.saveOutcome(outcome));
    if (isSaveOutcomeResult(result)) return result.isSaved;
    throw ApplicationFailure.nonRetryable(invalidResultMessage(SAVE_OUTCOME_ACTIVITY_TYPE), INVALID_RESULT);
  } catch (error) {
    // The monitor has the outcome, so it must not fail for this reason.
    if (!patched(CLOSE_WITHOUT_SAVE_PATCH)) throw error;
    log.error('the outcome was not saved', { problem: saveProblem(error) });
    return false;
  }
}

function saveProblem(error: unknown): string {
  const { message } = error instanceof ActivityFailure && error.cause ? error.cause : (error as Error);
  return message;
}
