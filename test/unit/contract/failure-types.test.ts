import { expect, test } from 'vitest';

import { FAILURE_TYPES, isFailureType, isRetryableFailureType } from '../../../src/contract/failures.js';

/** What other people's code relies on, written down a second time on purpose. */
const PROMISED = [
  ['InvalidCallSid', false],
  ['Unauthorized', false],
  ['CallNotFound', false],
  ['CallStatusExpired', false],
  ['RequestRejected', false],
  ['RateLimited', true],
  ['PolyAiUnavailable', true],
  ['InvalidResponse', true],
  ['MonitorDeadlineExceeded', false],
  ['InvalidInput', false],
  ['OutcomeStoreUnavailable', true],
] as const;

test.each(PROMISED)('the failure type %s is there, and retryable: %j', (type, retryable) => {
  expect(isFailureType(type)).toBe(true);
  expect(isRetryableFailureType(type)).toBe(retryable);
});

test('there is no failure type but the promised ones', () => {
  expect(Object.keys(FAILURE_TYPES).sort()).toEqual(PROMISED.map(([type]) => type as string).sort());
});

test.each(['invalidcallsid', 'ActivityFailure', 'toString', '__proto__', '', undefined, null, 7])(
  'does not take %j for a failure type',
  (type) => {
    expect(isFailureType(type)).toBe(false);
  },
);
