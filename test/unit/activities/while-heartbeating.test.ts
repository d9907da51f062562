import type { Context } from '@temporalio/activity';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { whileHeartbeating } from '../../../src/activities/heartbeats.js';
import { GET_STATUS_TIMEOUTS } from '../../../src/contract/pacing.js';

const heartbeat = vi.fn();
const context = { heartbeat } as unknown as Context;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  heartbeat.mockReset();
});

test('heartbeats several times within the heartbeat timeout for as long as the work takes', async () => {
  const work = new Promise<string>((resolve) => setTimeout(() => resolve('done'), 10_000));
  const running = whileHeartbeating(context, { polls: 1 }, () => work);
  await vi.advanceTimersByTimeAsync(GET_STATUS_TIMEOUTS.heartbeatMs);
  expect(heartbeat.mock.calls.length).toBeGreaterThanOrEqual(3);
  await vi.advanceTimersByTimeAsync(GET_STATUS_TIMEOUTS.heartbeatMs);
  await expect(running).resolves.toBe('done');
});

test.each([
  ['done', () => Promise.resolve()],
  ['broken', () => Promise.reject(new Error('broken'))],
  [
    'broken before it began',
    () => {
      throw new Error('broken');
    },
  ],
] as [string, () => Promise<void>][])('stops heartbeating when the work is %s', async (_how, work) => {
  await whileHeartbeating(context, { polls: 1 }, work).catch(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heartbeat).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
