import { formatDuration } from '../contract/duration.js';
import type { GetStatusInput, KnownCall, LongPollRequest } from '../contract/get-status.js';
import { atRiskAtMs } from '../contract/retention.js';
import type { MonitorSettings } from './monitor-input.js';
import { isoTime, type MonitorState } from './monitor-state.js';
import { summaryLine } from './visibility.js';

/** Attempts of the poll at the deadline: enough to survive a worker crash or a short outage. */
const FINAL_POLL_ATTEMPTS = 5;

/** A `getStatus` and how Temporal runs it. */
export interface PollRequest extends GetStatusInput {
  /** How long Temporal may retry the poll. */
  readonly retryForMs?: number;
  readonly maximumAttempts?: number;
  /** One line for the Web UI. */
  readonly summary: string;
}

interface NextPoll {
  /** The deadline has passed. */
  readonly isFinalPoll: boolean;
  /** A nudge interrupted the previous poll. */
  readonly followsInterruption: boolean;
  readonly nowMs: number;
}

/** The next poll of a monitor: what it asks of `getStatus`, and for how long. */
export function nextPollRequest(
  settings: MonitorSettings,
  state: MonitorState,
  { isFinalPoll, followsInterruption, nowMs }: NextPoll,
): PollRequest {
  const hold = isFinalPoll || followsInterruption ? undefined : longPollRequest(settings, state, nowMs);
  const purpose = hold ? `long poll for up to ${formatDuration(hold.forMs)}` : 'poll';
  const limit = isFinalPoll ? { maximumAttempts: FINAL_POLL_ATTEMPTS } : { retryForMs: retryWindowMs(state, nowMs) };
  return { ...pollRequest(settings, state, purpose), hold, ...limit };
}

/** One last poll of a cancelled monitor. */
export function cancellationPollRequest(settings: MonitorSettings, state: MonitorState): PollRequest {
  return { ...pollRequest(settings, state, 'last poll, on cancellation'), maximumAttempts: 1 };
}

/** What all polls have in common. */
function pollRequest({ callSid, account }: MonitorSettings, state: MonitorState, purpose: string): PollRequest {
  const { polls, hasOutcomeStore, lastError } = state;
  // Left out while all is well and no outcome store is known: it would only lengthen the history.
  const known: KnownCall | undefined = polls === 0 || hasOutcomeStore || lastError ? knownCall(state) : undefined;
  return { callSid, account, known, summary: summaryLine(state, purpose) };
}

/** What the monitor knows so far. `getStatus` uses it to save the outcome and to recognize a call that is new or at risk. */
function knownCall({ startedAtMs, polls, timeline, lastObservation: last }: MonitorState): KnownCall {
  return { startedAt: isoTime(startedAtMs), polls, timeline, ...(last && { answeredAt: last.observedAt }) };
}

/** `undefined` if each poll is a separate activity, while the API rejects the token, during an alarm and at the deadline. */
function longPollRequest(
  { holdMs, intervalMs }: MonitorSettings,
  state: MonitorState,
  nowMs: number,
): LongPollRequest | undefined {
  const { credentialRefusedSinceMs, deadlineAtMs, lastObservation, alarm } = state;
  if (holdMs === 0 || credentialRefusedSinceMs !== undefined) return undefined;
  // A long poll must not delay an alarm; after one, the first observation must reach the workflow at once.
  const forMs = alarm ? 0 : Math.min(holdMs, deadlineAtMs - nowMs, retryWindowMs(state, nowMs));
  if (forMs <= 0) return undefined;
  return { forMs, intervalMs, ...(lastObservation && { knownStatus: lastObservation.status }) };
}

/** How long Temporal may retry a poll: until the deadline, or until the alarm is due if that comes first. */
function retryWindowMs({ alarm, deadlineAtMs, lastObservation, startedAtMs }: MonitorState, nowMs: number): number {
  const alarmAtMs = alarm ? undefined : atRiskAtMs({ lastObservation, startedAt: isoTime(startedAtMs) });
  return Math.min(deadlineAtMs, alarmAtMs ?? Infinity) - nowMs;
}
