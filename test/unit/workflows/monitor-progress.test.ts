import { expect, test } from 'vitest';

import {
  failureDetailsOf,
  initialMonitorState,
  progressOf,
  recordOutcome,
} from '../../../src/workflows/monitor-state.js';
import { failed, observed, START } from './outcomes.js';

const FRESH = initialMonitorState(START, 3_600_000);

test('a monitor that has seen nothing shows when it started, its deadline, until when the outcome is safe and no more', () => {
  expect(progressOf('OUT-1', 'polling', FRESH)).toEqual({
    callSid: 'OUT-1',
    phase: 'polling',
    polls: 0,
    timeline: [],
    startedAt: '2026-01-15T12:00:00.000Z',
    deadlineAt: '2026-01-15T13:00:00.000Z',
    outcomeSafeUntil: '2026-01-15T14:00:00.000Z',
  });
});

test('a waiting monitor shows the raw status and when the next poll is due', () => {
  const state = { ...recordOutcome(FRESH, observed('RINGING'), START), nextPollAtMs: START + 3_000 };
  expect(progressOf('OUT-1', 'waiting', state)).toMatchObject({
    lastObservation: { status: 'ringing', rawStatus: 'RINGING' },
    nextPollAt: '2026-01-15T12:00:03.000Z',
  });
});

test('a held monitor shows since when the token is refused, and the error', () => {
  const state = recordOutcome(recordOutcome(FRESH, observed('calling'), START), failed('Unauthorized'), START + 9_000);
  expect(progressOf('OUT-1', 'credential-hold', state)).toMatchObject({
    credentialRefusedSince: '2026-01-15T12:00:09.000Z',
    lastError: { type: 'Unauthorized' },
    lastObservation: { status: 'calling' },
  });
});

test('the outcome is safe for two hours from the last good answer, errors or not, and no such time is shown once it is known', () => {
  const calling = recordOutcome(FRESH, observed('calling'), START);
  const failing = recordOutcome(calling, failed('PolyAiUnavailable'), START + 9_000);
  const { observedAt } = calling.lastObservation!;
  const safeUntil = new Date(Date.parse(observedAt) + 2 * 3_600_000).toISOString();
  expect(progressOf('OUT-1', 'polling', calling).outcomeSafeUntil).toBe(safeUntil);
  expect(progressOf('OUT-1', 'polling', failing).outcomeSafeUntil).toBe(safeUntil);
  const ended = recordOutcome(failing, observed('success'), START + 12_000);
  expect(progressOf('OUT-1', 'finished', ended)).not.toHaveProperty('outcomeSafeUntil');
});

test('the details of a failure hold the last observation and the last error, and no inner field of the state', () => {
  const state = recordOutcome(recordOutcome(FRESH, observed('calling'), START), failed('CallNotFound'), START);
  expect(Object.keys(failureDetailsOf('OUT-1', state)).sort()).toEqual([
    'callSid',
    'lastError',
    'lastObservation',
    'polls',
    'timeline',
  ]);
});
