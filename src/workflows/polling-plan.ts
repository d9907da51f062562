import { classifyCallStatus } from '../contract/call.js';
import { formatDuration } from '../contract/duration.js';
import { type FailureType, isFailureType, isRetryableFailureType } from '../contract/failures.js';
import type { MonitorOutboundCallResult } from '../contract/monitor.js';
import { jitter } from '../contract/pacing.js';
import { STATUS_RETENTION_MS } from '../contract/retention.js';
import type { MonitorSettings } from './monitor-input.js';
import type { MonitorState, PollFailure, PollOutcome } from './monitor-state.js';

/** How often a refused token is tried again; less often when the monitor polls less often. */
export const CREDENTIAL_HOLD_INTERVAL_MS = 30_000;

/** How long a token may stay refused: once the API has forgotten the outcome, holding longer is in vain. */
export const CREDENTIAL_HOLD_MS = STATUS_RETENTION_MS;

/** What follows a poll. */
export type NextStep =
  | { readonly kind: 'finish'; readonly result: MonitorOutboundCallResult }
  | { readonly kind: 'wait'; readonly phase: 'waiting' | 'credential-hold'; readonly waitMs: number }
  | { readonly kind: 'fail'; readonly type: FailureType; readonly message: string };

export interface PlanInput {
  readonly settings: MonitorSettings;
  /** With `outcome` recorded in it. */
  readonly state: MonitorState;
  readonly outcome: PollOutcome;
  readonly nowMs: number;
  /** The deadline had passed when the poll began, so there is no other after it. */
  readonly isFinalPoll: boolean;
  /** From 0 to 1. */
  readonly random: number;
}

/** Decides what follows a poll: the one place where a status or an error becomes finish, wait or fail. */
export function planNextStep(plan: PlanInput): NextStep {
  const result = resultOf(plan);
  if (result) return { kind: 'finish', result };
  return plan.outcome.kind === 'observed' ? waitOrGiveUp(plan) : afterFailure(plan, plan.outcome);
}

/** A final status is final, though it was a failed poll that brought it, or a later one failed. */
function resultOf({ settings, state }: PlanInput): MonitorOutboundCallResult | undefined {
  const { lastObservation: last, polls, timeline } = state;
  const seen = last && classifyCallStatus(last.status);
  if (!last || seen?.kind !== 'terminal') return undefined;
  const { reason, observedAt: finishedAt } = last;
  return { callSid: settings.callSid, status: seen.status, reason, polls, timeline, finishedAt };
}

function afterFailure(plan: PlanInput, { type, message }: PollFailure): NextStep {
  const { settings, state, nowMs } = plan;
  const isKnownCall = state.lastObservation !== undefined;
  if (type === 'CallNotFound') {
    if (isKnownCall) return fail('CallStatusExpired', `PolyAI has forgotten the call: ${message}`);
    const isInGrace = nowMs < state.startedAtMs + settings.notFoundGraceMs;
    return isInGrace ? waitOrGiveUp(plan) : fail(type, message);
  }
  // A worker that does not serve the call's account: another one may.
  if (type === 'InvalidInput' && isKnownCall) return waitOrGiveUp(plan);
  if (type === 'Unauthorized') return isKnownCall ? holdForCredential(plan, message) : fail(type, message);
  if (isFailureType(type) && !isRetryableFailureType(type)) return fail(type, message);
  return waitOrGiveUp(plan);
}

function holdForCredential(plan: PlanInput, message: string): NextStep {
  const { settings, state, nowMs, isFinalPoll } = plan;
  const heldMs = nowMs - (state.credentialRefusedSinceMs ?? nowMs);
  if (isFinalPoll || heldMs >= CREDENTIAL_HOLD_MS) {
    return fail('Unauthorized', `the token was refused for ${formatDuration(heldMs)} under a live call: ${message}`);
  }
  const holdIntervalMs = Math.max(CREDENTIAL_HOLD_INTERVAL_MS, settings.intervalMs);
  return { kind: 'wait', phase: 'credential-hold', waitMs: boundedWait(plan, holdIntervalMs) };
}

function waitOrGiveUp(plan: PlanInput): NextStep {
  const { settings, outcome, isFinalPoll } = plan;
  const askedMs = outcome.kind === 'failed' ? outcome.retryAfterMs : undefined;
  // At once, yet with a timer: 0.1.0, which may work beside this version, would start one too.
  if (outcome.kind === 'observed' && outcome.handedBack) return { kind: 'wait', phase: 'waiting', waitMs: 1 };
  if (!isFinalPoll) return { kind: 'wait', phase: 'waiting', waitMs: boundedWait(plan, settings.intervalMs, askedMs) };
  const deadline = formatDuration(settings.deadlineMs);
  return fail('MonitorDeadlineExceeded', `the call had no final status within the deadline of ${deadline}`);
}

/** The jittered interval, or what the API asked for; less where the deadline comes before, for the last poll falls on it. */
function boundedWait({ state, nowMs, random }: PlanInput, intervalMs: number, askedMs = 0): number {
  return Math.max(0, Math.min(Math.max(jitter(intervalMs, random), askedMs), state.deadlineAtMs - nowMs));
}

function fail(type: FailureType, message: string): NextStep {
  return { kind: 'fail', type, message };
}
