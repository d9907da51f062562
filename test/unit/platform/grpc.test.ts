import { ServiceError } from '@temporalio/client';
import { expect, test } from 'vitest';

import { classifyGrpcError, GRPC_STATUS, grpcStatusOf } from '../../../src/platform/grpc.js';

function grpcError(code: number): Error {
  return Object.assign(new Error(`gRPC ${code}`), { code, details: '', metadata: {} });
}

test('the status of a gRPC error is found, also inside a ServiceError', () => {
  expect(grpcStatusOf(grpcError(5))).toBe(GRPC_STATUS.NOT_FOUND);
  expect(grpcStatusOf(new ServiceError('failed', { cause: grpcError(16) }))).toBe(GRPC_STATUS.UNAUTHENTICATED);
});

test('what a NativeConnection throws, which is a ServiceError by name, has a gRPC status', () => {
  const thrown = Object.assign(new ServiceError('not found'), { code: 5, details: 'not found', metadata: {} });
  expect(grpcStatusOf(thrown)).toBe(GRPC_STATUS.NOT_FOUND);
});

test('an error of another kind has no gRPC status, whatever its code', () => {
  expect(grpcStatusOf(Object.assign(new Error('no'), { code: 5 }))).toBeUndefined();
  expect(grpcStatusOf(undefined)).toBeUndefined();
});

test.each([1, 2, 4, 8, 10, 11, 13, 14, 15])('gRPC status %i is transient', (code) => {
  expect(classifyGrpcError(grpcError(code))).toBe('transient');
});

test.each([3, 5, 6, 7, 9, 12, 16])('gRPC status %i is permanent', (code) => {
  expect(classifyGrpcError(grpcError(code))).toBe('permanent');
});

test('an error that is not of gRPC is permanent', () => {
  expect(classifyGrpcError(new Error('a bug'))).toBe('permanent');
});
