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

/**
 * What a monitor knows. Plain JSON that continue-as-new carries over, so the names are durable: runs that an earlier version
 * began have them in their input. Names of times in epoch milliseconds end in `Ms`.
 */
export interface MonitorState extends ObservedCall {
  readonly startedAtMs: number;
  readonly deadlineAtMs: number;
  readonly credentialRefusedSinceMs?: number;
  /** Statuses that this version does not know and that have been logged. */
  readonly unknownStatuses: readonly string[];
  /** Set while waiting. */
  readonly nextPollAtMs?: number;
  /** A worker has reported whether it has an outcome store. */
  readonly hasHeardWorker?: true;
  /** A worker has reported an outcome store. */
  readonly hasOutcomeStore?: true;
  /** A worker has reported that the namespace has the search attribute `PolyAiAlarm`. */
  readonly hasAlarmAttribute?: true;
  readonly alarm?: MonitorAlarm;
  /** Workflow IDs of the completion subscribers. Set only in the state that continue-as-new carries over. */
  readonly askers?: readonly string[];
}

/** A `getStatus` that failed, after Temporal's retries. */
export interface PollFailure extends Omit<GetStatusFailureDetails, 'httpStatus' | 'errorCode' | 'correlationId'> {
  readonly kind: 'failed';
  /** A `FailureType`, or Temporal's name of the failure. */
  readonly type: string;
  readonly message: string;
  /** The failure has details from `getStatus`: it is neither a timeout nor a failure outside its code. */
  readonly hasWorkerReport?: true;
}

/** The result or the failure of one `getStatus`. */
export type PollResult = ({ readonly kind: 'observed' } & GetStatusResult) | PollFailure;

const MAX_UNKNOWN_STATUSES = 20;

export function initialMonitorState(startedAtMs: number, deadlineMs: number): MonitorState {
  return { startedAtMs, deadlineAtMs: startedAtMs + deadlineMs, polls: 0, timeline: [], unknownStatuses: [] };
}

/** The state after a poll. */
export function applyPoll(state: MonitorState, poll: PollResult, nowMs: number): MonitorState {
  const { nextPollAtMs: _, alarm: __, ...rest } = state;
  const polled = {
    ...rest,
    polls: state.polls + poll.polls,
    ...((poll.kind === 'observed' || poll.hasWorkerReport) && { hasHeardWorker: true as const }),
    ...(poll.outcomeStore && { hasOutcomeStore: true as const }),
    ...(poll.alarmAttribute && { hasAlarmAttribute: true as const }),
  };
  const { observation, changes } = poll;
  // A failure may carry an observation that the state has already.
  const isNew = poll.kind === 'observed' || isLater(observation, state.lastObservation);
  const observed = observation && isNew ? recordObservation(polled, observation, changes) : polled;
  const { lastError } = poll.kind === 'observed' ? poll : {};
  const recorded =
    poll.kind === 'observed' ? { ...observed, ...(lastError && { lastError }) } : recordFailure(observed, poll, nowMs);
  const alarm = alarmOf({ ...recorded, startedAt: isoTime(state.startedAtMs) }, nowMs);
  return alarm ? { ...recorded, alarm } : recorded;
}

function isLater(observation: CallObservation | undefined, known: CallObservation | undefined): boolean {
  return observation !== undefined && (!known || observation.observedAt > known.observedAt);
}

/** Whether the last observed status differs between the two states. */
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
    unknownStatuses: [...changes, observation].reduce(
      (known, { status }) => addUnknownStatus(known, status),
      state.unknownStatuses,
    ),
  };
}

function recordFailure(state: MonitorState, { type, message }: PollFailure, nowMs: number): MonitorState {
  const lastError = { type, message, at: isoTime(nowMs) };
  if (type !== 'Unauthorized') return { ...state, lastError };
  return { ...state, lastError, credentialRefusedSinceMs: state.credentialRefusedSinceMs ?? nowMs };
}

function addUnknownStatus(known: readonly string[], status: string): readonly string[] {
  const isNew = classifyCallStatus(status).kind === 'unknown' && !known.includes(status);
  return isNew && known.length < MAX_UNKNOWN_STATUSES ? [...known, status] : known;
}

/** The answer to the query `progress`. */
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

/** The details of the monitor's failure. */
export function failureDetailsOf(callSid: string, state: MonitorState): MonitorFailureDetails {
  const { polls, timeline, lastObservation, lastError } = state;
  return { callSid, polls, timeline, ...(lastObservation && { lastObservation }), ...(lastError && { lastError }) };
}

/** ISO 8601 UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
