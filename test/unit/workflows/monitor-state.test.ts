import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  hasStatusChanged,
  initialMonitorState,
  recordOutcome,
  type MonitorState,
  type PollOutcome,
} from '../../../src/workflows/monitor-state.js';
import { anyOutcome, failed, observed, START } from './outcomes.js';

const FRESH = initialMonitorState(START, 60_000);

function after(outcomes: readonly PollOutcome[], from: MonitorState = FRESH): MonitorState {
  return outcomes.reduce((state, outcome, index) => recordOutcome(state, outcome, START + index * 1_000), from);
}

const words = (state: MonitorState): string[] => state.timeline.map(({ status }) => status);

test('a monitor begins with no polls, and its deadline counts from its start', () => {
  expect(FRESH).toEqual({
    startedAtMs: START,
    deadlineAtMs: START + 60_000,
    polls: 0,
    timeline: [],
    unknownStatuses: [],
  });
});

test('polls add up over good and bad outcomes, retries included', () => {
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

test('the last observation keeps the spelling of the API', () => {
  expect(after([observed('CALLING')]).lastObservation).toMatchObject({ status: 'calling', rawStatus: 'CALLING' });
});

test('a failure is kept with its time, and leaves the last observation as it was', () => {
  const state = after([observed('calling'), failed('RateLimited')]);
  expect(state.lastError).toEqual({
    type: 'RateLimited',
    message: 'RateLimited happened',
    at: '2026-01-15T12:00:01.000Z',
  });
  expect(state.lastObservation?.status).toBe('calling');
});

test('a good answer clears the error and ends the credential hold', () => {
  const state = after([observed('calling'), failed('Unauthorized'), observed('calling')]);
  expect(state).not.toHaveProperty('lastError');
  expect(state).not.toHaveProperty('credentialRefusedSinceMs');
});

test('a hold counts from the first refusal, whatever else fails meanwhile', () => {
  const state = after([
    observed('calling'),
    failed('Unauthorized'),
    failed('PolyAiUnavailable'),
    failed('Unauthorized'),
  ]);
  expect(state.credentialRefusedSinceMs).toBe(START + 1_000);
});

test('no failure but Unauthorized begins a hold', () => {
  expect(after([failed('RateLimited'), failed('CallNotFound')])).not.toHaveProperty('credentialRefusedSinceMs');
});

test('recording a poll ends the wait for it, and changes no state that was there before', () => {
  const before = Object.freeze({ ...FRESH, nextPollAtMs: START + 3_000, timeline: Object.freeze([]) });
  expect(recordOutcome(before, observed('queued'), START)).not.toHaveProperty('nextPollAtMs');
  expect(recordOutcome(before, failed('RateLimited'), START)).not.toHaveProperty('nextPollAtMs');
  expect(before).toEqual({ ...FRESH, nextPollAtMs: START + 3_000 });
});

test('unknown words are remembered once each, known ones not at all, and no more than 20', () => {
  const state = after([observed('Ringing'), observed('queued'), observed('RINGING'), observed('dialing')]);
  expect(state.unknownStatuses).toEqual(['ringing', 'dialing']);
  const many = after(Array.from({ length: 50 }, (_, index) => observed(`word-${index}`)));
  expect(many.unknownStatuses).toHaveLength(20);
});

test('a status has changed when its word has, not its spelling', () => {
  const queued = after([observed('queued')]);
  expect(hasStatusChanged(FRESH, queued)).toBe(true);
  expect(hasStatusChanged(queued, after([observed('QUEUED')], queued))).toBe(false);
  expect(hasStatusChanged(queued, after([failed('RateLimited')], queued))).toBe(false);
  expect(hasStatusChanged(queued, after([observed('calling')], queued))).toBe(true);
});

test('of more than 100 changes the first 50 and the latest 50 are kept', () => {
  const state = after(Array.from({ length: 300 }, (_, index) => observed(`word-${index}`)));
  const expected = Array.from({ length: 100 }, (_, index) => `word-${index < 50 ? index : index + 200}`);
  expect(words(state)).toEqual(expected);
});

test('equal words stand side by side in no timeline, but where changes were left out between them', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { maxLength: 400, size: 'max' }), (outcomes) => {
      const timeline = words(after(outcomes));
      const twins = timeline.flatMap((word, index) => (word === timeline[index + 1] ? [index] : []));
      expect(twins).toEqual(timeline.length === 100 && twins.length > 0 ? [49] : []);
    }),
    { numRuns: 30 },
  );
});

test('the state stays below 64 KiB under any 2,000 outcomes, and continue-as-new changes nothing of it', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { minLength: 2_000, maxLength: 2_000, size: 'max' }), (outcomes) => {
      const state = after(outcomes);
      expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(64 * 1024);
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
    { numRuns: 5 },
  );
});

test('a state that travelled as JSON goes on like one that did not', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome), fc.array(anyOutcome), (before, later) => {
      const state = after(before);
      const travelled = JSON.parse(JSON.stringify(state)) as MonitorState;
      expect(after(later, travelled)).toEqual(after(later, state));
    }),
  );
});
