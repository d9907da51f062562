import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  applyPoll,
  initialMonitorState,
  type MonitorState,
  type PollResult,
} from '../../../src/workflows/monitor-state.js';
import { propertyRuns } from '../../support/property-runs.js';
import { anyPollResult, START } from './poll-results.js';

function after(polls: readonly PollResult[], from = initialMonitorState(START, 60_000)): MonitorState {
  return polls.reduce((state, poll, index) => applyPoll(state, poll, START + index * 1_000), from);
}

test('the timeline repeats no status, except where changes between were dropped', () => {
  fc.assert(
    fc.property(fc.array(anyPollResult, { maxLength: 400, size: 'max' }), (polls) => {
      const timeline = after(polls).timeline.map(({ status }) => status);
      const twins = timeline.flatMap((word, index) => (word === timeline[index + 1] ? [index] : []));
      expect(twins).toEqual(timeline.length === 100 && twins.length > 0 ? [49] : []);
    }),
    { numRuns: propertyRuns(30) },
  );
});

test('the state stays below 64 KiB after any 2,000 polls and survives serialization', () => {
  fc.assert(
    fc.property(fc.array(anyPollResult, { minLength: 2_000, maxLength: 2_000, size: 'max' }), (polls) => {
      const state = after(polls);
      expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(64 * 1024);
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
    { numRuns: propertyRuns(5) },
  );
});

test('a state that was serialized as JSON records polls like one that was not', () => {
  fc.assert(
    fc.property(fc.array(anyPollResult), fc.array(anyPollResult), (before, later) => {
      const state = after(before);
      const travelled = JSON.parse(JSON.stringify(state)) as MonitorState;
      expect(after(later, travelled)).toEqual(after(later, state));
    }),
    { numRuns: propertyRuns(100) },
  );
});
