import { expect, test } from 'vitest';

import { GET_STATUS_TIMEOUTS, MAX_REQUEST_TIMEOUT_MS } from '../../../src/contract/pacing.js';

test('the longest HTTP request ends before its attempt does, so that its own error is what is reported', () => {
  expect(GET_STATUS_TIMEOUTS.startToCloseMs).toBeGreaterThan(MAX_REQUEST_TIMEOUT_MS);
});

test('a dead worker is noticed before the attempt times out', () => {
  expect(GET_STATUS_TIMEOUTS.heartbeatMs).toBeLessThan(GET_STATUS_TIMEOUTS.startToCloseMs);
});
