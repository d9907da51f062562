import fc from 'fast-check';
import { expect, test } from 'vitest';

import { MAX_RETRY_AFTER_MS, PolyAiError, type PolyAiErrorKind } from '../../../src/activities.js';
import { toApplicationFailure } from '../../../src/activities/failures.js';
import { isRetryableFailureType } from '../../../src/contract/failures.js';

const kinds = fc.constantFrom<PolyAiErrorKind>(
  'InvalidCallSid',
  'Unauthorized',
  'CallNotFound',
  'RequestRejected',
  'RateLimited',
  'PolyAiUnavailable',
  'InvalidResponse',
);
const delays = fc.option(fc.oneof(fc.nat(), fc.double({ min: 0, noNaN: true }), fc.constant(Infinity)), {
  nil: undefined,
});

const KNOWN = { polls: 3 };

test('Retry-After is honoured up to five minutes', () => {
  expect(MAX_RETRY_AFTER_MS).toBe(300_000);
});

test('a failure has the kind of the error as its type, that type decides whether it is retryable, and the delay is bounded', () => {
  fc.assert(
    fc.property(kinds, delays, (kind, retryAfterMs) => {
      const failure = toApplicationFailure(new PolyAiError('no', { kind, retryAfterMs }), KNOWN);
      expect(failure).toMatchObject({ type: kind, nonRetryable: !isRetryableFailureType(kind), message: 'no' });
      if (failure.nextRetryDelay === undefined) return;
      expect(failure.nonRetryable).toBe(false);
      expect(failure.nextRetryDelay).toBeGreaterThan(0);
      expect(failure.nextRetryDelay).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS);
    }),
  );
});

test('an unknown call is not logged for each poll: the monitor polls on within its grace, or fails', () => {
  const category = (kind: PolyAiErrorKind) => toApplicationFailure(new PolyAiError('no', { kind }), KNOWN).category;
  expect(category('CallNotFound')).toBe('BENIGN');
  expect(category('Unauthorized')).not.toBe('BENIGN');
});

test('a failure has no cause', () => {
  const error = new PolyAiError('no', { kind: 'PolyAiUnavailable', cause: new Error('holds the request') });
  expect(toApplicationFailure(error, KNOWN).cause).toBeUndefined();
});
