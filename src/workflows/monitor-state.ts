import { classifyCallStatus } from '../contract/call.js';
import type { GetStatusFailureDetails, GetStatusResult } from '../contract/get-status.js';
import type { MonitorFailureDetails, MonitorPhase, MonitorProgress } from '../contract/monitor.js';
import {
  type CallObservation,
  type StatusChange,
  mergeStatusChanges,
  type ObservedCall,
} from '../contract/observation.js';
import { alarmOf, type MonitorAlarm, outcomeSafeUntil } from '../contract/retention.js';

/** What a monitor knows. Plain JSON, for it travels through continue-as-new. Times in epoch milliseconds end in `Ms`. */
export interface MonitorState extends ObservedCall {
  readonly startedAtMs: number;
  readonly deadlineAtMs: number;
  readonly credentialRefusedSinceMs?: number;
  /** Status words that this version does not know and that have been logged. */
  readonly unknownStatuses: readonly string[];
  /** Set while waiting. */
  readonly nextPollAtMs?: number;
  /** A worker has been heard, and so whether it keeps outcomes. */
  readonly hasHeardWorker?: true;
  /** It has said that it does. */
  readonly hasOutcomeStore?: true;
  /** A worker has said that the namespace has the search attribute of alarms. */
  readonly hasAlarmAttribute?: true;
  readonly alarm?: MonitorAlarm;
  /** IDs of the workflows that want to be told of the end; there from one run to the next only. */
  readonly askers?: readonly string[];
}

/** A status request that failed for good, as far as its own retries go. */
export interface PollFailure extends Omit<GetStatusFailureDetails, 'httpStatus' | 'errorCode' | 'correlationId'> {
  readonly kind: 'failed';
  /** A `FailureType`, or what Temporal calls the failure. */
  readonly type: string;
  readonly message: string;
  /** The failure has a worker's details: it is no timeout, and no failure of the worker itself. */
  readonly toldByWorker?: true;
}

/** How one `getStatus` ended: with an answer, as a rule. */
export type PollOutcome = ({ readonly kind: 'observed' } & GetStatusResult) | PollFailure;

const MAX_UNKNOWN_STATUSES = 20;

export function initialMonitorState(startedAtMs: number, deadlineMs: number): MonitorState {
  return { startedAtMs, deadlineAtMs: startedAtMs + deadlineMs, polls: 0, timeline: [], unknownStatuses: [] };
}

/** The state after a poll. */
export function recordOutcome(state: MonitorState, outcome: PollOutcome, nowMs: number): MonitorState {
  const { nextPollAtMs: _, alarm: __, ...rest } = state;
  const polled = {
    ...rest,
    polls: state.polls + outcome.polls,
    ...((outcome.kind === 'observed' || outcome.toldByWorker) && { hasHeardWorker: true as const }),
    ...(outcome.outcomeStore && { hasOutcomeStore: true as const }),
    ...(outcome.alarmAttribute && { hasAlarmAttribute: true as const }),
  };
  const isNews = outcome.kind === 'observed' || isLater(outcome.observation, state.lastObservation);
  const { observation } = outcome;
  const seen = observation && isNews ? recordObservation(polled, observation, outcome.changes) : polled;
  const recorded = outcome.kind === 'observed' ? seen : recordFailure(seen, outcome, nowMs);
  const alarm = alarmOf({ ...recorded, startedAt: new Date(state.startedAtMs).toISOString() }, nowMs);
  return alarm ? { ...recorded, alarm } : recorded;
}

/** What a failure carries may be what is known already. */
function isLater(observation: CallObservation | undefined, known: CallObservation | undefined): boolean {
  return observation !== undefined && (!known || observation.observedAt > known.observedAt);
}

/** Whether the latest of the two states holds a status that the other does not. */
export function hasStatusChanged(before: MonitorState, after: MonitorState): boolean {
  return before.lastObservation?.status !== after.lastObservation?.status;
}

function recordObservation(
  state: MonitorState,
  observation: CallObservation,
  changes: readonly StatusChange[] = [{ status: observation.status, at: observation.observedAt }],
): MonitorState {
  const { lastError: _, credentialRefusedSinceMs: __, ...rest } = state;
  return {
    ...rest,
    lastObservation: observation,
    timeline: mergeStatusChanges(state.timeline, changes),
    unknownStatuses: withUnknown(state.unknownStatuses, observation.status),
  };
}

function recordFailure(state: MonitorState, { type, message }: PollFailure, nowMs: number): MonitorState {
  const lastError = { type, message, at: new Date(nowMs).toISOString() };
  if (type !== 'Unauthorized') return { ...state, lastError };
  return { ...state, lastError, credentialRefusedSinceMs: state.credentialRefusedSinceMs ?? nowMs };
}

function withUnknown(known: readonly string[], status: string): readonly string[] {
  const isNew = classifyCallStatus(status).kind === 'unknown' && !known.includes(status);
  return isNew && known.length < MAX_UNKNOWN_STATUSES ? [...known, status] : known;
}

/** What a monitor's state looks like from outside. */
export function progressOf(callSid: string, phase: MonitorPhase, state: MonitorState): MonitorProgress {
  const { nextPollAtMs, credentialRefusedSinceMs, alarm } = state;
  const startedAt = isoTime(state.startedAtMs);
  const safeUntil = outcomeSafeUntil({ ...state, startedAt });
  return {
    ...failureDetailsOf(callSid, state),
    phase,
    startedAt,
    deadlineAt: isoTime(state.deadlineAtMs),
    ...(safeUntil !== undefined && { outcomeSafeUntil: safeUntil }),
    ...(nextPollAtMs !== undefined && { nextPollAt: isoTime(nextPollAtMs) }),
    ...(alarm && { alarm }),
    ...(credentialRefusedSinceMs !== undefined && { credentialRefusedSince: isoTime(credentialRefusedSinceMs) }),
  };
}

/** What a failure of the monitor tells of the call. */
export function failureDetailsOf(callSid: string, state: MonitorState): MonitorFailureDetails {
  const { polls, timeline, lastObservation, lastError } = state;
  return { callSid, polls, timeline, ...(lastObservation && { lastObservation }), ...(lastError && { lastError }) };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
