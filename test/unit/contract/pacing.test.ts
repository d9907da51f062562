import { expect, test } from 'vitest';

import { GET_STATUS_TIMEOUTS, MAX_REQUEST_TIMEOUT_MS } from '../../../src/contract/pacing.js';

test('the longest request times out before its attempt does, so that its own error is reported', () => {
  expect(GET_STATUS_TIMEOUTS.startToCloseMs).toBeGreaterThan(MAX_REQUEST_TIMEOUT_MS);
});

test('the heartbeat timeout is shorter than the start-to-close timeout', () => {
  expect(GET_STATUS_TIMEOUTS.heartbeatTimeoutMs).toBeLessThan(GET_STATUS_TIMEOUTS.startToCloseMs);
});
