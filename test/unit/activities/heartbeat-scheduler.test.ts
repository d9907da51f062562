import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, test, vi } from 'vitest';

import { createActivities, type StatusSource } from '../../../src/activities.js';
import { GET_STATUS_TIMEOUTS } from '../../../src/contract/pacing.js';
import {
  GAUGES_TIMER,
  startLongPoll,
  iso,
  MINUTE,
  repeat,
  unavailable,
  useFakeClock,
} from '../../support/long-poll-rig.js';

useFakeClock();

/** A single poll, and its heartbeats. */
function singlePoll(getCallStatus: StatusSource['getCallStatus']) {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const heartbeat = vi.fn();
  environment.on('heartbeat', heartbeat);
  const { getStatus } = createActivities({ polyAi: { getCallStatus } });
  return { heartbeat, ended: environment.run(getStatus, { callSid: 'OUT-1' }) };
}

test('a single poll heartbeats several times within its heartbeat timeout until it ends', async () => {
  const answer = { status: 'queued', reason: '' };
  const { heartbeat, ended } = singlePoll(() => new Promise((resolve) => setTimeout(() => resolve(answer), 10_000)));
  await vi.advanceTimersByTimeAsync(GET_STATUS_TIMEOUTS.heartbeatTimeoutMs);
  expect(heartbeat.mock.calls.length).toBeGreaterThanOrEqual(3);
  await expect(ended).resolves.toMatchObject({ polls: 1, observation: { status: 'queued' } });
});

test.each<[string, StatusSource['getCallStatus']]>([
  ['succeeded', () => Promise.resolve({ status: 'queued', reason: '' })],
  ['failed', () => Promise.reject(new Error('broken'))],
  [
    'failed before it began',
    () => {
      throw new Error('broken');
    },
  ],
])('a single poll that has %s sends no heartbeat any more', async (_how, getCallStatus) => {
  const { heartbeat, ended } = singlePoll(getCallStatus);
  await ended.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heartbeat).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(GAUGES_TIMER);
});

test('a long poll heartbeats every 60 to 75 s, with status, its age, polls and errors', async () => {
  const { heartbeats } = startLongPoll(['queued', 'calling', ...repeat('calling', 20), unavailable(), 'calling'], {
    input: { intervalMs: 10_000 },
  });
  await vi.advanceTimersByTimeAsync(4 * MINUTE + 40_000);
  expect(heartbeats.map(({ atMs }) => atMs)).toEqual([67_500, 135_000, 202_500, 270_000]);
  expect(heartbeats[0]!.details).toMatchObject({
    observation: { status: 'calling' },
    statusSince: iso(10_000),
    polls: 7,
    errors: 0,
  });
  expect(heartbeats.at(-1)!.details).toMatchObject({ observation: { status: 'calling' }, errors: 1 });
  expect(heartbeats.at(-1)!.details).not.toHaveProperty('lastError');
});
