import { ServiceError } from '@temporalio/client';
import { expect, test } from 'vitest';

import { errorMessage } from '../../../src/platform/error-message.js';

const grpcError = Object.assign(new Error('5 NOT_FOUND: no such namespace'), { code: 5, details: 'no such namespace' });

test('an error says its message', () => {
  expect(errorMessage(new Error('it broke'))).toBe('it broke');
});

test('a gRPC error says its details, also inside a ServiceError', () => {
  expect(errorMessage(grpcError)).toBe('no such namespace');
  expect(errorMessage(new ServiceError('request failed', { cause: grpcError }))).toBe('no such namespace');
  expect(errorMessage(new ServiceError('request failed'))).toBe('request failed');
});

test('the cause of any other error is left out', () => {
  expect(errorMessage(new Error('cannot connect', { cause: grpcError }))).toBe('cannot connect');
});

test('an error without a message says its code, else its name', () => {
  expect(errorMessage(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(errorMessage(new TypeError())).toBe('TypeError');
});

test('what is thrown and is no error is shown as text', () => {
  expect(errorMessage('no')).toBe('no');
  expect(errorMessage(undefined)).toBe('undefined');
});
