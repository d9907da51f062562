import { expect, it } from 'vitest';

import { dialFailureOf } from '../../../src/activities/dial-failure.js';
import { PolyAiError, type PolyAiErrorOptions } from '../../../src/polyai/errors.js';

function failureOf(options: Partial<PolyAiErrorOptions>): string {
  const failure = dialFailureOf(new PolyAiError('problem', { kind: 'PolyAiUnavailable', ...options }));
  return failure.kind === 'ambiguous' ? 'ambiguous' : failure.then;
}

const causedBy = (code: string): Error => Object.assign(new Error(code), { code });

it.each([
  ['429', { httpStatus: 429 }],
  ['a request that was not sent', { notSent: true }],
])('after %s the contact may be dialled again', (_what, options) => {
  expect(failureOf(options)).toBe('again');
});

it.each([
  ['a timeout', {}],
  ['a reset connection', { cause: causedBy('ECONNRESET') }],
  ['500', { httpStatus: 500 }],
  ['502', { httpStatus: 502 }],
  ['408', { httpStatus: 408 }],
  ['403', { httpStatus: 403 }],
  ['404', { httpStatus: 404 }],
  ['a redirect', { httpStatus: 307 }],
  ['a 200 that cannot be read', { httpStatus: 200 }],
  ['a refused connection of another request', { httpStatus: 502, cause: causedBy('ECONNREFUSED') }],
])('after %s nobody knows whether it was dialled', (_what, options) => {
  expect(failureOf(options)).toBe('ambiguous');
});

it('a rejected token stops the campaign, a rejected request its contact', () => {
  expect(failureOf({ httpStatus: 401, kind: 'Unauthorized' })).toBe('stop');
  expect(failureOf({ notSent: true, kind: 'Unauthorized' })).toBe('stop');
  expect(failureOf({ httpStatus: 400 })).toBe('invalid-contact');
});

it('an unforeseen error is ambiguous, and its message is not kept: it may contain the number', () => {
  expect(dialFailureOf(new RangeError('+447700900001'))).toEqual({
    kind: 'ambiguous',
    reason: 'RangeError during the request',
  });
});
