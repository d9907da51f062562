import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** gRPC's numbers, from its documentation of status codes. */
const UNIMPLEMENTED = 12;
/** Those that asking again cannot mend: INVALID_ARGUMENT, NOT_FOUND (the namespace), ALREADY_EXISTS, and so on. */
const FINAL_CODES: readonly number[] = [3, 5, 6, 7, 9, UNIMPLEMENTED, 16];

/**
 * What an error of the server means for whoever wants to go on asking: `passing` when it may answer another time,
 * `unimplemented` when it never answers this question, `final` for anything else.
 */
export function serviceRefusalOf(error: unknown): 'passing' | 'unimplemented' | 'final' {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause)) return 'final';
  const code: number = cause.code;
  if (code === UNIMPLEMENTED) return 'unimplemented';
  return FINAL_CODES.includes(code) ? 'final' : 'passing';
}
