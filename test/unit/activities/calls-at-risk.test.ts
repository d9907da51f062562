import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createActivities, PolyAiError } from '../../../src/activities.js';
import { CallsAtRisk } from '../../../src/activities/calls-at-risk.js';

const START = Date.UTC(2026, 0, 15, 12);
const MINUTE = 60_000;
const logger = new DefaultLogger('ERROR');

type Context = Parameters<CallsAtRisk['add']>[1];

/** A worker's meter and log, which record the gauge's values and the warnings. */
function instruments() {
  const values: number[] = [];
  const warnings: unknown[] = [];
  const context = {
    metricMeter: { createGauge: () => ({ set: (value: number) => values.push(value) }) },
    log: { warn: (_message: string, attributes: unknown) => warnings.push(attributes) },
  } as unknown as Context;
  return { context, values, warnings };
}

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

test('the gauge counts each call at risk once, until it is observed', () => {
  const { context, values } = instruments();
  const calls = new CallsAtRisk();
  for (const call of ['a', 'b', 'a']) calls.add(call, context);
  calls.remove('a', context);
  calls.remove('b', context);
  expect(values).toEqual([1, 2, 2, 1, 0]);
});

test('the log warns every five minutes, however many calls fail meanwhile', async () => {
  const { context, warnings } = instruments();
  const calls = new CallsAtRisk();
  for (const call of ['a', 'b', 'c']) calls.add(call, context);
  expect(warnings).toEqual([{ calls: 1 }]);
  await vi.advanceTimersByTimeAsync(4 * MINUTE);
  for (const call of ['a', 'b', 'c']) calls.add(call, context);
  expect(warnings).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(MINUTE);
  calls.add('a', context);
  expect(warnings).toEqual([{ calls: 1 }, { calls: 3 }]);
});

test('a call without further polls here expires, because another worker polls it', async () => {
  const { context, values } = instruments();
  new CallsAtRisk().add('a', context);
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  expect(values.at(-1)).toBe(0);
});

test('a failed poll counts as at risk when the last observation is half an hour old', async () => {
  const add = vi.spyOn(CallsAtRisk.prototype, 'add').mockImplementation(() => undefined);
  const away = new PolyAiError('PolyAI answered 503', { kind: 'PolyAiUnavailable', httpStatus: 503 });
  const { getStatus } = createActivities({ polyAi: { getCallStatus: () => Promise.reject(away) } });
  const poll = async (answeredMinutesAgo: number): Promise<void> => {
    const answeredAt = new Date(START - answeredMinutesAgo * MINUTE).toISOString();
    const known = { startedAt: '2026-01-15T08:00:00.000Z', answeredAt, polls: 9, timeline: [] };
    await new MockActivityEnvironment({}, { logger })
      .run(getStatus, { callSid: 'OUT-1', known })
      .catch(() => undefined);
  };
  await poll(29);
  expect(add).not.toHaveBeenCalled();
  await poll(30);
  expect(add).toHaveBeenCalledOnce();
  add.mockRestore();
});
