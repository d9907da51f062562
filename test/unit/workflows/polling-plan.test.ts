import { expect, test } from 'vitest';

import { isRetryableFailureType } from '../../../src/contract/failures.js';
import type { MonitorSettings } from '../../../src/workflows/monitor-input.js';
import { initialMonitorState, type PollResult, applyPoll } from '../../../src/workflows/monitor-state.js';
import {
  CREDENTIAL_HOLD_INTERVAL_MS,
  CREDENTIAL_HOLD_MS,
  type NextStep,
  type PlanInput,
  planNextStep,
} from '../../../src/workflows/polling-plan.js';
import { failed, FAILURE_TYPE_NAMES, observed, SETTINGS, START } from './poll-results.js';

interface Moment {
  /** When each poll arrived, after the start; the last one's time is also that of the decision. */
  readonly atMs?: readonly number[];
  readonly settings?: Partial<MonitorSettings>;
  readonly isFinalPoll?: boolean;
  readonly random?: number;
}

/** What follows the last of the polls. */
function stepAfter(polls: readonly [...PollResult[], PollResult], moment: Moment = {}): NextStep {
  const settings = { ...SETTINGS, ...moment.settings };
  let state = initialMonitorState(START, settings.deadlineMs);
  let nowMs = START;
  polls.forEach((poll, index) => {
    nowMs = START + (moment.atMs?.[index] ?? index * 3_000);
    state = applyPoll(state, poll, nowMs);
  });
  const { isFinalPoll = false, random = 0.5 } = moment;
  const plan: PlanInput = { settings, state, poll: polls.at(-1)!, nowMs, isFinalPoll, random };
  return planNextStep(plan);
}

const waits = (phase: 'waiting' | 'credential-hold', waitMs: number) => ({ kind: 'wait', phase, waitMs });
const fails = (type: string) => ({ kind: 'fail', type });

test.each(['queued', 'calling', 'QUEUED', 'ringing', 'completed', ''])('waits for the interval after %j', (status) => {
  expect(stepAfter([observed(status)])).toEqual(waits('waiting', 3_000));
});

test.each([
  [0, 2_400],
  [0.25, 2_700],
  [0.5, 3_000],
  [1, 3_600],
])('jitters the interval by 20 %% either way: with %d it is %d ms', (random, waitMs) => {
  expect(stepAfter([observed('queued')], { random })).toEqual(waits('waiting', waitMs));
});

test('a wait never exceeds the deadline, when the final poll is due', () => {
  const settings = { deadlineMs: 10_000 };
  expect(stepAfter([observed('queued')], { settings, atMs: [9_000] })).toEqual(waits('waiting', 1_000));
  expect(stepAfter([observed('queued')], { settings, atMs: [10_000] })).toEqual(waits('waiting', 0));
  expect(stepAfter([observed('queued')], { settings, atMs: [15_000] })).toEqual(waits('waiting', 0));
});

test.each(['success', 'failure', 'SUCCESS', 'Failure'])('finishes at once with %s, final poll or not', (status) => {
  const polls = [observed('queued'), observed(status, { reason: 'why', atMs: START + 7_000, polls: 3 })] as const;
  for (const isFinalPoll of [false, true]) {
    expect(stepAfter(polls, { isFinalPoll })).toEqual({
      kind: 'finish',
      result: {
        callSid: 'OUT-1',
        status: status.toLowerCase(),
        reason: 'why',
        polls: 4,
        timeline: [
          { status: 'queued', at: '2026-01-15T12:00:00.000Z' },
          { status: status.toLowerCase(), at: '2026-01-15T12:00:07.000Z' },
        ],
        finishedAt: '2026-01-15T12:00:07.000Z',
      },
    });
  }
});

test.each(['queued', 'calling', 'ringing'])('a final poll that shows %s is MonitorDeadlineExceeded', (status) => {
  const step = stepAfter([observed(status)], { isFinalPoll: true });
  expect(step).toMatchObject(fails('MonitorDeadlineExceeded'));
  expect(step).toHaveProperty('message', expect.stringContaining('1 h'));
});

test.each(FAILURE_TYPE_NAMES.filter((type) => isRetryableFailureType(type)))(
  'waits after %s, before and after a good answer, and is out of time at the final poll',
  (type) => {
    for (const before of [[], [observed('calling')]]) {
      const polls = [...before, failed(type)] as [...PollResult[], PollResult];
      expect(stepAfter(polls)).toEqual(waits('waiting', 3_000));
      expect(stepAfter(polls, { isFinalPoll: true })).toMatchObject(fails('MonitorDeadlineExceeded'));
    }
  },
);

test('waits for Retry-After if it is longer than the interval, but not past the deadline', () => {
  const asked = (retryAfterMs: number) => ({ ...failed('RateLimited'), retryAfterMs });
  expect(stepAfter([asked(60_000)])).toEqual(waits('waiting', 60_000));
  expect(stepAfter([asked(1_000)])).toEqual(waits('waiting', 3_000));
  expect(stepAfter([asked(60_000)], { settings: { deadlineMs: 20_000 } })).toEqual(waits('waiting', 20_000));
});

test('retries after a failure whose type is not known', () => {
  expect(stepAfter([failed('Timeout:START_TO_CLOSE')])).toEqual(waits('waiting', 3_000));
  expect(stepAfter([{ kind: 'failed', type: 'TypeError', message: 'bug', polls: 1 }])).toMatchObject({ kind: 'wait' });
});

test.each(['InvalidCallSid', 'RequestRejected'] as const)(
  'fails at once with %s, before and after a good answer',
  (type) => {
    expect(stepAfter([failed(type)])).toEqual({ ...fails(type), message: `${type} happened` });
    expect(stepAfter([observed('calling'), failed(type)])).toMatchObject(fails(type));
  },
);

test('a 404 before any observation is CallNotFound at once', () => {
  expect(stepAfter([failed('CallNotFound')])).toEqual({ ...fails('CallNotFound'), message: 'CallNotFound happened' });
  expect(stepAfter([failed('PolyAiUnavailable'), failed('CallNotFound')])).toMatchObject(fails('CallNotFound'));
});

test('retries a 404 within the grace period; after it the 404 is CallNotFound', () => {
  const settings = { notFoundGraceMs: 10_000 };
  expect(stepAfter([failed('CallNotFound')], { settings, atMs: [0] })).toEqual(waits('waiting', 3_000));
  expect(stepAfter([failed('CallNotFound')], { settings, atMs: [9_999] })).toEqual(waits('waiting', 3_000));
  expect(stepAfter([failed('CallNotFound')], { settings, atMs: [10_000] })).toMatchObject(fails('CallNotFound'));
});

test('a 404 after an observation is CallStatusExpired, also in the grace period and at the final poll', () => {
  const polls = [observed('calling'), failed('CallNotFound')] as const;
  for (const moment of [{}, { settings: { notFoundGraceMs: 300_000 } }, { isFinalPoll: true }]) {
    expect(stepAfter(polls, moment)).toMatchObject(fails('CallStatusExpired'));
  }
});

test('a rejected token before any observation is Unauthorized at once, also in the grace period', () => {
  expect(stepAfter([failed('Unauthorized')])).toEqual({ ...fails('Unauthorized'), message: 'Unauthorized happened' });
  const settings = { notFoundGraceMs: 300_000 };
  expect(stepAfter([failed('CallNotFound'), failed('Unauthorized')], { settings })).toMatchObject(
    fails('Unauthorized'),
  );
});

test('polls slowly while the token is rejected after an observation', () => {
  const polls = [observed('calling'), failed('Unauthorized')] as const;
  expect(stepAfter(polls)).toEqual(waits('credential-hold', CREDENTIAL_HOLD_INTERVAL_MS));
});

test('a credential hold never polls faster than the interval', () => {
  const step = stepAfter([observed('calling'), failed('Unauthorized')], { settings: { intervalMs: 300_000 } });
  expect(step).toEqual(waits('credential-hold', 300_000));
});

test('a credential hold fails with Unauthorized after two hours, not before', () => {
  const polls = [observed('calling'), failed('Unauthorized'), failed('Unauthorized')] as const;
  const settings = { deadlineMs: 86_400_000 };
  const last = (atMs: number) => stepAfter(polls, { settings, atMs: [0, 5_000, 5_000 + atMs] });
  expect(CREDENTIAL_HOLD_MS).toBe(7_200_000);
  expect(last(CREDENTIAL_HOLD_MS - 1)).toMatchObject({ kind: 'wait', phase: 'credential-hold' });
  expect(last(CREDENTIAL_HOLD_MS)).toMatchObject(fails('Unauthorized'));
  expect(last(CREDENTIAL_HOLD_MS)).toHaveProperty('message', expect.stringContaining('2 h'));
});

test('a credential hold fails with Unauthorized at the final poll', () => {
  const polls = [observed('calling'), failed('Unauthorized')] as const;
  expect(stepAfter(polls, { isFinalPoll: true })).toMatchObject(fails('Unauthorized'));
});

test('an observation ends a credential hold; the next rejection starts a new one', () => {
  const polls = [observed('calling'), failed('Unauthorized'), observed('calling'), failed('Unauthorized')] as const;
  const step = stepAfter(polls, { settings: { deadlineMs: 86_400_000 }, atMs: [0, 1, 7_000_000, 7_300_000] });
  expect(step).toMatchObject({ kind: 'wait', phase: 'credential-hold' });
});

test('a terminal status is final even if the poll that observed it failed afterwards', () => {
  const seen = observed('success');
  const brought = { ...failed('Unauthorized'), ...(seen.observation && { observation: seen.observation }) };
  expect(stepAfter([observed('calling', { atMs: START - 1 }), brought])).toMatchObject({
    kind: 'finish',
    result: { status: 'success' },
  });
});

test.each(['InvalidInput', 'InvalidActivityResult'] as const)(
  'a worker that cannot serve the call (%s) fails a new monitor, but not one with an observation',
  (type) => {
    expect(stepAfter([failed(type)])).toMatchObject(fails(type));
    expect(stepAfter([observed('calling'), failed(type)])).toMatchObject({ kind: 'wait', phase: 'waiting' });
    expect(stepAfter([observed('calling'), failed(type)], { isFinalPoll: true })).toMatchObject(
      fails('MonitorDeadlineExceeded'),
    );
  },
);

test('a final poll that cannot read the outcome store is made again, past the deadline', () => {
  const poll = failed('OutcomeStoreUnavailable');
  const state = applyPoll(initialMonitorState(START, SETTINGS.deadlineMs), poll, START);
  const plan: PlanInput = { settings: SETTINGS, state, poll, nowMs: START + 3_600_000, isFinalPoll: true, random: 0.5 };
  expect(planNextStep({ ...plan, waitsForStore: true })).toEqual(waits('waiting', 30_000));
  expect(planNextStep(plan)).toMatchObject(fails('MonitorDeadlineExceeded'));
});
