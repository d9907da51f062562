import { expect, test } from 'vitest';

import { GET_STATUS_TIMEOUTS, MAX_REQUEST_TIMEOUT_MS, retryWaitMs } from '../../../src/contract/pacing.js';

test('the longest request times out before its attempt does, so that its own error is reported', () => {
  expect(GET_STATUS_TIMEOUTS.startToCloseMs).toBeGreaterThan(MAX_REQUEST_TIMEOUT_MS);
});

test('the heartbeat timeout is shorter than the start-to-close timeout', () => {
  expect(GET_STATUS_TIMEOUTS.heartbeatTimeoutMs).toBeLessThan(GET_STATUS_TIMEOUTS.startToCloseMs);
});

test('the wait after failed polls is the jittered backoff or `Retry-After`, whichever is longer', () => {
  expect([1, 2, 9].map((failures) => retryWaitMs(failures, 0.5))).toEqual([1_000, 2_000, 30_000]);
  expect([0, 1].map((random) => retryWaitMs(1, random))).toEqual([800, 1_200]);
  expect([500, 5_000].map((retryAfterMs) => retryWaitMs(1, 0.5, retryAfterMs))).toEqual([1_000, 5_000]);
});
