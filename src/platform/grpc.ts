import { status } from '@grpc/grpc-js';
import { isGrpcServiceError } from '@temporalio/client';

export { status as GRPC_STATUS };

/**
 * The gRPC status code of an error of Temporal's API, or of the `ServiceError` that the client wraps it in. (What a
 * `NativeConnection` throws is a `ServiceError` too, without a cause.)
 */
export function grpcStatusOf(error: unknown): status | undefined {
  if (isGrpcServiceError(error)) return error.code;
  const cause = error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

const PERMANENT: readonly status[] = [
  status.INVALID_ARGUMENT,
  status.NOT_FOUND, // such as a namespace
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.UNIMPLEMENTED,
  status.UNAUTHENTICATED,
];

/** Whether the same request may succeed later. An error that is not of gRPC is permanent. */
export function classifyGrpcError(error: unknown): 'transient' | 'permanent' {
  const code = grpcStatusOf(error);
  return code === undefined || PERMANENT.includes(code) ? 'permanent' : 'transient';
}

/** Whether a request ran out of time. A server may end it a moment before the client's deadline, with CANCELLED. */
export function isTimeout(error: unknown): boolean {
  const code = grpcStatusOf(error);
  return code === status.DEADLINE_EXCEEDED || code === status.CANCELLED;
}

/** Whether the server rejects the credentials, or requires some. */
export function isAccessDenied(error: unknown): boolean {
  const code = grpcStatusOf(error);
  return code === status.PERMISSION_DENIED || code === status.UNAUTHENTICATED;
}
