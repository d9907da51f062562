import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';

import type { PolyAiActivities } from '../activities/create-activities.js';
import type { GetStatusFailureDetails, KnownCall, LongPollRequest, PollProgress } from '../contract/get-status.js';
import { type FailureReason, toOutcomeRecord } from '../contract/outcome.js';
import { GET_STATUS_TIMEOUTS, RETRY_BACKOFF } from '../contract/pacing.js';
import type { MonitorSettings } from './monitor-input.js';
import type { MonitorState, PollFailure, PollOutcome } from './monitor-state.js';

/** How Temporal retries the activities of this package, with no limit on attempts. */
export const RETRY_POLICY = {
  initialInterval: RETRY_BACKOFF.initialMs,
  backoffCoefficient: RETRY_BACKOFF.coefficient,
  maximumInterval: RETRY_BACKOFF.maximumMs,
};

interface PollRequest {
  readonly callSid: string;
  readonly account?: string | undefined;
  /** For a poll that goes on at the interval until there is something to return. */
  readonly hold?: LongPollRequest | undefined;
  /** Whether the `getStatus` before was cut short. */
  readonly resumes?: boolean | undefined;
  /** For a `getStatus` that saves what it sees end. */
  readonly known?: KnownCall | undefined;
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
export async function pollCall(request: PollRequest): Promise<PollOutcome> {
  const { callSid, account, hold, resumes, known, summary } = request;
  const { getStatus } = proxyActivities<PolyAiActivities>({ ...retryOptions(request), summary });
  const input = {
    callSid,
    ...(account && { account }),
    ...(hold && { hold }),
    ...(resumes && { resumes }),
    ...(known && { known }),
  };
  try {
    return { kind: 'observed', ...(await getStatus(input)) };
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return asPollFailure(error);
  }
}

function retryOptions({ hold, retryForMs, maximumAttempts }: PollRequest) {
  const { heartbeatMs, holdHeartbeatMs } = GET_STATUS_TIMEOUTS;
  const startToCloseMs = GET_STATUS_TIMEOUTS.startToCloseMs + (hold?.forMs ?? 0);
  return {
    startToCloseTimeout: startToCloseMs,
    // At once: a worker that holds hears of it with its next heartbeat only.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    heartbeatTimeout: hold ? holdHeartbeatMs : heartbeatMs,
    retry: { ...RETRY_POLICY, ...(maximumAttempts !== undefined && { maximumAttempts }) },
    ...(retryForMs !== undefined && { scheduleToCloseTimeout: Math.max(retryForMs, startToCloseMs) }),
  };
}

function asPollFailure({ cause }: ActivityFailure): PollFailure {
  if (cause instanceof ApplicationFailure) {
    const [details] = (cause.details ?? []) as [GetStatusFailureDetails?];
    const type = cause.type ?? cause.name;
    return {
      kind: 'failed',
      polls: 1,
      ...details,
      type,
      message: cause.message,
      ...(details && { toldByWorker: true }),
    };
  }
  if (cause instanceof TimeoutFailure) {
    const progress = cause.lastHeartbeatDetails as PollProgress | undefined;
    // The API's last error says more than the timeout that followed it.
    const { type, message } = progress?.lastError ?? { type: `Timeout:${cause.timeoutType}`, message: cause.message };
    return { kind: 'failed', polls: 1, ...progress, type, message };
  }
  return {
    kind: 'failed',
    polls: 1,
    type: cause?.name ?? 'ActivityFailure',
    message: cause?.message ?? 'getStatus failed',
  };
}

/** Longer than a store takes that answers at all; retried without end, for a monitor does not close before its outcome is kept. */
const SAVE_TIMEOUT_MS = 15_000;

/** What the monitor knows so far, for a `getStatus` that is to save the outcome itself. */
export function knownCall({ startedAtMs, polls, timeline, lastObservation: last }: MonitorState): KnownCall {
  const startedAt = new Date(startedAtMs).toISOString();
  return { startedAt, polls, timeline, ...(last && { answeredAt: last.observedAt }) };
}

/**
 * Has an outcome saved, however long the store is away, and though the monitor is cancelled.
 *
 * @param ending why the monitor ends, where the call has no final status
 * @returns whether it is kept: `false` when the worker keeps none
 */
export async function saveOutcome(
  { callSid, account }: MonitorSettings,
  state: MonitorState,
  ending?: FailureReason,
): Promise<boolean> {
  const outcome = toOutcomeRecord(
    {
      ...{ callSid, account, polls: state.polls, timeline: state.timeline, lastObservation: state.lastObservation },
      startedAt: knownCall(state).startedAt,
      execution: workflowInfo(),
    },
    ending && { ...ending, at: new Date().toISOString() },
  );
  if (!outcome) return false;
  const activities = proxyActivities<PolyAiActivities>({
    startToCloseTimeout: SAVE_TIMEOUT_MS,
    retry: RETRY_POLICY,
    summary: `keeps the outcome: ${outcome.status ?? outcome.ending?.type ?? ''}`,
  });
  const { isSaved } = await CancellationScope.nonCancellable(() => activities.saveOutcome(outcome));
  return isSaved;
}
