import { expect, test } from 'vitest';

import {
  failureDetailsOf,
  hasStatusChanged,
  initialMonitorState,
  progressOf,
  applyPoll,
  type MonitorState,
  type PollResult,
} from '../../../src/workflows/monitor-state.js';
import { failed, observed, START } from './poll-results.js';

const FRESH = initialMonitorState(START, 60_000);

function after(polls: readonly PollResult[], from: MonitorState = FRESH): MonitorState {
  return polls.reduce((state, poll, index) => applyPoll(state, poll, START + index * 1_000), from);
}

const words = (state: MonitorState): string[] => state.timeline.map(({ status }) => status);

test('the initial state has no polls, and its deadline counts from the start', () => {
  expect(FRESH).toEqual({
    startedAtMs: START,
    deadlineAtMs: START + 60_000,
    polls: 0,
    timeline: [],
    unknownStatuses: [],
  });
});

test('polls add up over results and failures, retries included', () => {
  expect(after([observed('queued', { polls: 4 }), failed('RateLimited', 7), observed('queued')]).polls).toBe(12);
});

test('the timeline has each change once, with the time it was first seen', () => {
  const at = (seconds: number) => START + seconds * 1_000;
  const state = after([
    observed('queued', { atMs: at(0) }),
    observed('QUEUED', { atMs: at(3) }),
    failed('PolyAiUnavailable'),
    observed('calling', { atMs: at(9) }),
    observed('calling', { atMs: at(12) }),
    observed('queued', { atMs: at(15) }),
  ]);
  expect(state.timeline).toEqual([
    { status: 'queued', at: '2026-01-15T12:00:00.000Z' },
    { status: 'calling', at: '2026-01-15T12:00:09.000Z' },
    { status: 'queued', at: '2026-01-15T12:00:15.000Z' },
  ]);
  expect(state.lastObservation?.observedAt).toBe('2026-01-15T12:00:15.000Z');
});

test('the last observation has the status as the API wrote it', () => {
  expect(after([observed('CALLING')]).lastObservation).toMatchObject({ status: 'calling', rawStatus: 'CALLING' });
});

test('a failure is recorded with its time and leaves the last observation unchanged', () => {
  const state = after([observed('calling'), failed('RateLimited')]);
  expect(state.lastError).toEqual({
    type: 'RateLimited',
    message: 'RateLimited happened',
    at: '2026-01-15T12:00:01.000Z',
  });
  expect(state.lastObservation?.status).toBe('calling');
});

test('an observation clears the last error and ends the credential hold', () => {
  const state = after([observed('calling'), failed('Unauthorized'), observed('calling')]);
  expect(state).not.toHaveProperty('lastError');
  expect(state).not.toHaveProperty('credentialRefusedSinceMs');
});

test('a long poll that was handed back in an outage brings its last error', () => {
  const lastError = { type: 'PolyAiUnavailable', message: 'PolyAI answered 503', at: '2026-01-15T12:00:09.000Z' };
  const handedBack: PollResult = { ...observed('calling'), kind: 'observed', handedBack: true, lastError };
  expect(after([handedBack]).lastError).toEqual(lastError);
  expect(after([handedBack, observed('calling')])).not.toHaveProperty('lastError');
});

test('a credential hold counts from the first Unauthorized, whatever else fails meanwhile', () => {
  const state = after([
    observed('calling'),
    failed('Unauthorized'),
    failed('PolyAiUnavailable'),
    failed('Unauthorized'),
  ]);
  expect(state.credentialRefusedSinceMs).toBe(START + 1_000);
});

test('only Unauthorized begins a credential hold', () => {
  expect(after([failed('RateLimited'), failed('CallNotFound')])).not.toHaveProperty('credentialRefusedSinceMs');
});

test('recording a poll clears the time of the next one and does not mutate the previous state', () => {
  const before = Object.freeze({ ...FRESH, nextPollAtMs: START + 3_000, timeline: Object.freeze([]) });
  expect(applyPoll(before, observed('queued'), START)).not.toHaveProperty('nextPollAtMs');
  expect(applyPoll(before, failed('RateLimited'), START)).not.toHaveProperty('nextPollAtMs');
  expect(before).toEqual({ ...FRESH, nextPollAtMs: START + 3_000 });
});

test('records each unknown status once, no known one, and at most 20', () => {
  const state = after([observed('Ringing'), observed('queued'), observed('RINGING'), observed('dialing')]);
  expect(state.unknownStatuses).toEqual(['ringing', 'dialing']);
  const changes = ['queued', 'ringing', 'bridged', 'calling'].map((status) => ({
    status,
    at: new Date(START).toISOString(),
  }));
  expect(after([{ ...observed('calling'), changes }]).unknownStatuses).toEqual(['ringing', 'bridged']);
  const many = after(Array.from({ length: 50 }, (_, index) => observed(`word-${index}`)));
  expect(many.unknownStatuses).toHaveLength(20);
});

test('a status with other letter case is no change', () => {
  const queued = after([observed('queued')]);
  expect(hasStatusChanged(FRESH, queued)).toBe(true);
  expect(hasStatusChanged(queued, after([observed('QUEUED')], queued))).toBe(false);
  expect(hasStatusChanged(queued, after([failed('RateLimited')], queued))).toBe(false);
  expect(hasStatusChanged(queued, after([observed('calling')], queued))).toBe(true);
});

test('a timeline of more than 100 changes has only the first 50 and the last 50', () => {
  const state = after(Array.from({ length: 300 }, (_, index) => observed(`word-${index}`)));
  const expected = Array.from({ length: 100 }, (_, index) => `word-${index < 50 ? index : index + 200}`);
  expect(words(state)).toEqual(expected);
});

test('the progress before the first answer has the start, the deadline and outcomeSafeUntil only', () => {
  expect(progressOf('OUT-1', 'polling', FRESH)).toEqual({
    callSid: 'OUT-1',
    phase: 'polling',
    polls: 0,
    timeline: [],
    startedAt: '2026-01-15T12:00:00.000Z',
    deadlineAt: '2026-01-15T12:01:00.000Z',
    outcomeSafeUntil: '2026-01-15T14:00:00.000Z',
  });
});

test('the progress of a waiting monitor has the raw status and the time of the next poll', () => {
  const state = { ...applyPoll(FRESH, observed('RINGING'), START), nextPollAtMs: START + 3_000 };
  expect(progressOf('OUT-1', 'waiting', state)).toMatchObject({
    lastObservation: { status: 'ringing', rawStatus: 'RINGING' },
    nextPollAt: '2026-01-15T12:00:03.000Z',
  });
});

test('the progress in a credential hold has its start and the last error', () => {
  const state = applyPoll(applyPoll(FRESH, observed('calling'), START), failed('Unauthorized'), START + 9_000);
  expect(progressOf('OUT-1', 'credential-hold', state)).toMatchObject({
    credentialRefusedSince: '2026-01-15T12:00:09.000Z',
    lastError: { type: 'Unauthorized' },
    lastObservation: { status: 'calling' },
  });
});

test('the outcome is safe for two hours after the last observation, until the terminal status is known', () => {
  const calling = applyPoll(FRESH, observed('calling'), START);
  const failing = applyPoll(calling, failed('PolyAiUnavailable'), START + 9_000);
  const { observedAt } = calling.lastObservation!;
  const safeUntil = new Date(Date.parse(observedAt) + 2 * 3_600_000).toISOString();
  expect(progressOf('OUT-1', 'polling', calling).outcomeSafeUntil).toBe(safeUntil);
  expect(progressOf('OUT-1', 'polling', failing).outcomeSafeUntil).toBe(safeUntil);
  const ended = applyPoll(failing, observed('success'), START + 12_000);
  expect(progressOf('OUT-1', 'finished', ended)).not.toHaveProperty('outcomeSafeUntil');
});

test('the failure details have the last observation and the last error, and no internal field', () => {
  const state = applyPoll(applyPoll(FRESH, observed('calling'), START), failed('CallNotFound'), START);
  expect(Object.keys(failureDetailsOf('OUT-1', state)).sort()).toEqual([
    'callSid',
    'lastError',
    'lastObservation',
    'polls',
    'timeline',
  ]);
});
