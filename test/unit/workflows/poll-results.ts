import fc from 'fast-check';

import { classifyCallStatus } from '../../../src/contract/call.js';
import { FAILURE_TYPES, type FailureType } from '../../../src/contract/failures.js';
import type { MonitorSettings } from '../../../src/workflows/monitor-input.js';
import type { PollFailure, PollResult } from '../../../src/workflows/monitor-state.js';
import { anyCharacter } from '../../support/any-character.js';

export const START = Date.UTC(2026, 0, 15, 12);

export const SETTINGS: MonitorSettings = {
  callSid: 'OUT-1',
  intervalMs: 3_000,
  holdMs: 0,
  deadlineMs: 3_600_000,
  notFoundGraceMs: 0,
};

/** A result of `getStatus`. */
export function observed(rawStatus: string, { reason = '', atMs = START, polls = 1 } = {}): PollResult {
  const { status } = classifyCallStatus(rawStatus);
  return {
    kind: 'observed',
    observation: { status, rawStatus, reason, observedAt: new Date(atMs).toISOString() },
    polls,
  };
}

export function failed(type: FailureType | 'Timeout:START_TO_CLOSE', polls = 1): PollFailure {
  return { kind: 'failed', type, message: `${type} happened`, polls };
}

export const FAILURE_TYPE_NAMES = Object.keys(FAILURE_TYPES) as FailureType[];

/** Statuses, up to the length that the client and the activity allow. */
const word = fc.oneof(
  fc.constantFrom('queued', 'calling', 'QUEUED', 'Calling', 'ringing', 'success', 'failure'),
  fc.string({ minLength: 1, maxLength: 64, unit: anyCharacter }).filter((text) => text.trim() !== ''),
);
const text = fc.string({ maxLength: 500, unit: anyCharacter });
const polls = fc.integer({ min: 1, max: 500 });

export const anyFailure: fc.Arbitrary<PollFailure> = fc.record({
  kind: fc.constant('failed' as const),
  type: fc.constantFrom<string>(...FAILURE_TYPE_NAMES, 'Timeout:HEARTBEAT', 'TypeError'),
  message: text,
  polls,
});

export const anyObservation: fc.Arbitrary<PollResult> = fc
  .tuple(word, text, fc.integer({ min: 0, max: 86_400_000 }), polls)
  .map(([status, reason, afterMs, count]) => observed(status, { reason, atMs: START + afterMs, polls: count }));

export const anyPollResult: fc.Arbitrary<PollResult> = fc.oneof({ weight: 3, arbitrary: anyObservation }, anyFailure);
