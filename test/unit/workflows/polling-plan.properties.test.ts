import fc from 'fast-check';
import { expect, test } from 'vitest';

import { classifyCallStatus } from '../../../src/contract/call.js';
import { isFailureType, isRetryableFailureType } from '../../../src/contract/failures.js';
import { JITTER } from '../../../src/contract/pacing.js';
import { initialMonitorState, type PollResult, applyPoll } from '../../../src/workflows/monitor-state.js';
import { CREDENTIAL_HOLD_INTERVAL_MS, type PlanInput, planNextStep } from '../../../src/workflows/polling-plan.js';
import { propertyRuns } from '../../support/property-runs.js';
import { anyFailure, anyObservation, anyPollResult, failed } from './poll-results.js';

const START = Date.UTC(2026, 0, 15, 12);

/** Any moment in any monitor's life at which a step has to be planned for. */
function planAfter(last: fc.Arbitrary<PollResult>): fc.Arbitrary<PlanInput> {
  return fc
    .record({
      settings: fc.record({
        callSid: fc.constant('OUT-1'),
        intervalMs: fc.integer({ min: 250, max: 300_000 }),
        holdMs: fc.integer({ min: 0, max: 3_600_000 }),
        deadlineMs: fc.integer({ min: 1_000, max: 2_592_000_000 }),
        notFoundGraceMs: fc.integer({ min: 0, max: 300_000 }),
      }),
      // A monitor that has seen a terminal status has no later moment.
      before: fc.array(
        anyPollResult.filter((each) => !isTerminal(each)),
        { maxLength: 5 },
      ),
      poll: last,
      /** The age of the monitor, as a share of its deadline; the monitor may be late. */
      age: fc.double({ min: 0, max: 1.2, noNaN: true }),
      isFinalPoll: fc.boolean(),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    })
    .map(({ settings, before, poll, age, isFinalPoll, random }) => {
      const nowMs = START + Math.round(settings.deadlineMs * age);
      const first = initialMonitorState(START, settings.deadlineMs);
      const state = [...before, poll].reduce((known, each) => applyPoll(known, each, nowMs), first);
      return { settings, state, poll, nowMs, isFinalPoll, random };
    });
}

function isTerminal(poll: PollResult): boolean {
  return poll.kind === 'observed' && classifyCallStatus(poll.observation!.status).kind === 'terminal';
}

const MANY = { numRuns: propertyRuns(200) };

test('a monitor finishes at once on a terminal status, and on nothing else', () => {
  fc.assert(
    fc.property(planAfter(anyPollResult), (plan) => {
      expect(planNextStep(plan).kind === 'finish').toBe(isTerminal(plan.poll));
    }),
    MANY,
  );
});

test('an observation never fails a monitor before its final poll', () => {
  fc.assert(
    fc.property(planAfter(anyObservation), (plan) => {
      const { kind } = planNextStep(plan);
      if (!plan.isFinalPoll) expect(kind).not.toBe('fail');
    }),
    MANY,
  );
});

test('a transient failure never fails a monitor before its final poll', () => {
  const passing = anyFailure.filter(({ type }) => !isFailureType(type) || isRetryableFailureType(type));
  fc.assert(
    fc.property(planAfter(passing), (plan) => {
      expect(planNextStep(plan).kind).toBe(plan.isFinalPoll ? 'fail' : 'wait');
    }),
    MANY,
  );
});

test('the final poll is never followed by a wait', () => {
  fc.assert(
    fc.property(planAfter(anyPollResult), (plan) => {
      expect(planNextStep({ ...plan, isFinalPoll: true }).kind).not.toBe('wait');
    }),
    MANY,
  );
});

test('a wait is within 20 % of its interval, a whole number, never negative and never past the deadline', () => {
  fc.assert(
    fc.property(planAfter(anyPollResult), (plan) => {
      const step = planNextStep(plan);
      if (step.kind !== 'wait') return;
      const { settings, state, nowMs } = plan;
      const held = Math.max(CREDENTIAL_HOLD_INTERVAL_MS, settings.intervalMs);
      const intervalMs = step.phase === 'waiting' ? settings.intervalMs : held;
      const leftMs = Math.max(0, state.deadlineAtMs - nowMs);
      expect(step.waitMs).toBeLessThanOrEqual(Math.min(leftMs, Math.ceil(intervalMs * (1 + JITTER))));
      expect(step.waitMs).toBeGreaterThanOrEqual(Math.min(leftMs, Math.floor(intervalMs * (1 - JITTER))));
      expect(Number.isInteger(step.waitMs)).toBe(true);
    }),
    MANY,
  );
});

test('no wait is shorter than 200 ms before the deadline, so a monitor never polls in a tight loop', () => {
  fc.assert(
    fc.property(planAfter(anyPollResult), (plan) => {
      const step = planNextStep(plan);
      const leftMs = plan.state.deadlineAtMs - plan.nowMs;
      if (step.kind === 'wait' && leftMs > 200) expect(step.waitMs).toBeGreaterThanOrEqual(200);
    }),
    MANY,
  );
});

test('Retry-After is honoured before the final poll, whatever the interval, up to the deadline', () => {
  const asking = fc
    .integer({ min: 1, max: 300_000 })
    .map((retryAfterMs) => ({ ...failed('RateLimited'), retryAfterMs }));
  fc.assert(
    fc.property(planAfter(asking), (plan) => {
      const step = planNextStep({ ...plan, isFinalPoll: false });
      const leftMs = Math.max(0, plan.state.deadlineAtMs - plan.nowMs);
      const { retryAfterMs } = plan.poll as { retryAfterMs: number };
      const waitMs = step.kind === 'wait' ? step.waitMs : NaN;
      expect(waitMs).toBeGreaterThanOrEqual(Math.min(retryAfterMs, leftMs));
      expect(waitMs).toBeLessThanOrEqual(leftMs);
    }),
    MANY,
  );
});

test('a 404 after any observation is CallStatusExpired, whatever happened in between', () => {
  fc.assert(
    fc.property(planAfter(fc.constant(failed('CallNotFound'))), (plan) => {
      const step = planNextStep(plan);
      if (plan.state.lastObservation) expect(step).toMatchObject({ kind: 'fail', type: 'CallStatusExpired' });
      else expect(step).not.toMatchObject({ type: 'CallStatusExpired' });
    }),
    MANY,
  );
});

test('the same input always gives the same step, as replay requires', () => {
  fc.assert(
    fc.property(planAfter(anyPollResult), (plan) => {
      const copy = JSON.parse(JSON.stringify(plan)) as PlanInput;
      expect(planNextStep(copy)).toEqual(planNextStep(plan));
    }),
  );
});

test('monitors that start together do not poll in step', () => {
  const moment = planAfter(fc.constant(failed('RateLimited')));
  fc.assert(
    fc.property(
      moment,
      fc.uniqueArray(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 20 }),
      (plan, draws) => {
        const early = {
          ...plan,
          nowMs: START,
          isFinalPoll: false,
          settings: { ...plan.settings, intervalMs: 300_000 },
        };
        const state = { ...plan.state, deadlineAtMs: START + 86_400_000 };
        const steps = draws.map((random) => planNextStep({ ...early, state, random }));
        const waits = new Set(steps.map((step) => (step.kind === 'wait' ? step.waitMs : step.kind)));
        const spread = Math.max(...draws) - Math.min(...draws);
        if (spread > 0.001) expect(waits.size).toBeGreaterThan(1);
      },
    ),
  );
});
