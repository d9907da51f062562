import type { MonitorFailureDetails, MonitorPhase, MonitorProgress } from '../contract/monitor.js';
import { outcomeSafeUntil } from '../contract/retention.js';
import type { MonitorState } from './monitor-state.js';

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
