import { classifyCallStatus } from '../contract/call.js';
import { formatDuration } from '../contract/duration.js';
import { type FailureType, isFailureType, isRetryableFailureType } from '../contract/failures.js';
import type { MonitorOutboundCallResult } from '../contract/monitor.js';
import { jitter, RETRY_BACKOFF } from '../contract/pacing.js';
import { STATUS_RETENTION_MS } from '../contract/retention.js';
import type { MonitorSettings } from './monitor-input.js';
import type { MonitorState, PollFailure, PollResult } from './monitor-state.js';

/** Time between two polls while the API rejects the token; longer if the monitor's interval is longer. */
export const CREDENTIAL_HOLD_INTERVAL_MS = 30_000;

/** How long the API may reject the token before the monitor fails: after that it no longer has the status. */
export const CREDENTIAL_HOLD_MS = STATUS_RETENTION_MS;

/** What the monitor does after a poll. */
export type NextStep =
  | { readonly kind: 'finish'; readonly result: MonitorOutboundCallResult }
  | { readonly kind: 'wait'; readonly phase: 'waiting' | 'credential-hold'; readonly waitMs: number }
  | { readonly kind: 'fail'; readonly type: FailureType; readonly message: string };

export interface PlanInput {
  readonly settings: MonitorSettings;
  /** Includes `poll`. */
  readonly state: MonitorState;
  readonly poll: PollResult;
  readonly nowMs: number;
  /** The deadline had passed when the poll began, so it is the last one. */
  readonly isFinalPoll: boolean;
  /** The final poll could not read the outcome store, which alone may know the outcome: the deadline has no effect on it. */
  readonly waitsForStore?: boolean;
  /** From 0 to 1. */
  readonly random: number;
}

/** Decides what the monitor does after a poll: the one place where a status or an error becomes finish, wait or fail. */
export function planNextStep(plan: PlanInput): NextStep {
  const result = resultOf(plan);
  if (result) return { kind: 'finish', result };
  return plan.poll.kind === 'observed' ? waitOrFailAtDeadline(plan) : planAfterFailure(plan, plan.poll);
}

/** A terminal status is final, even if the poll that observed it failed afterwards. */
function resultOf({ settings, state }: PlanInput): MonitorOutboundCallResult | undefined {
  const { lastObservation: last, polls, timeline } = state;
  const status = last && classifyCallStatus(last.status);
  if (!last || status?.kind !== 'terminal') return undefined;
  const { reason, observedAt: finishedAt } = last;
  return { callSid: settings.callSid, status: status.status, reason, polls, timeline, finishedAt };
}

function planAfterFailure(plan: PlanInput, { type, message }: PollFailure): NextStep {
  const { settings, state, nowMs } = plan;
  const isKnownCall = state.lastObservation !== undefined;
  if (type === 'CallNotFound') {
    if (isKnownCall) return fail('CallStatusExpired', `PolyAI no longer has the status of this call: ${message}`);
    const isInGrace = nowMs < state.startedAtMs + settings.notFoundGraceMs;
    return isInGrace ? waitOrFailAtDeadline(plan) : fail(type, message);
  }
  // This worker does not serve the call's account, or has another activity for ours; but one has observed the call.
  if ((type === 'InvalidInput' || type === 'InvalidActivityResult') && isKnownCall) return waitOrFailAtDeadline(plan);
  if (type === 'Unauthorized') return isKnownCall ? holdForCredential(plan, message) : fail(type, message);
  if (isFailureType(type) && !isRetryableFailureType(type)) return fail(type, message);
  return waitOrFailAtDeadline(plan);
}

function holdForCredential(plan: PlanInput, message: string): NextStep {
  const { settings, state, nowMs, isFinalPoll } = plan;
  const rejectedMs = nowMs - (state.credentialRefusedSinceMs ?? nowMs);
  if (isFinalPoll || rejectedMs >= CREDENTIAL_HOLD_MS) {
    return fail(
      'Unauthorized',
      `the API rejected the token for ${formatDuration(rejectedMs)} during a live call: ${message}`,
    );
  }
  const intervalMs = Math.max(CREDENTIAL_HOLD_INTERVAL_MS, settings.intervalMs);
  return { kind: 'wait', phase: 'credential-hold', waitMs: boundedWait(plan, intervalMs) };
}

function waitOrFailAtDeadline(plan: PlanInput): NextStep {
  const { settings, poll, isFinalPoll, waitsForStore } = plan;
  if (waitsForStore) return { kind: 'wait', phase: 'waiting', waitMs: RETRY_BACKOFF.maximumMs };
  const retryAfterMs = poll.kind === 'failed' ? poll.retryAfterMs : undefined;
  // Poll at once, but with a timer: 0.1.0 starts one too, and its workers may process the same run.
  if (poll.kind === 'observed' && poll.handedBack) return { kind: 'wait', phase: 'waiting', waitMs: 1 };
  if (!isFinalPoll)
    return { kind: 'wait', phase: 'waiting', waitMs: boundedWait(plan, settings.intervalMs, retryAfterMs) };
  const deadline = formatDuration(settings.deadlineMs);
  return fail('MonitorDeadlineExceeded', `the call had no terminal status within the deadline of ${deadline}`);
}

/** The jittered interval or `Retry-After`, whichever is longer, but not past the deadline, when the last poll is due. */
function boundedWait({ state, nowMs, random }: PlanInput, intervalMs: number, retryAfterMs = 0): number {
  return Math.max(0, Math.min(Math.max(jitter(intervalMs, random), retryAfterMs), state.deadlineAtMs - nowMs));
}

function fail(type: FailureType, message: string): NextStep {
  return { kind: 'fail', type, message };
}
