/** What an error says, in one line: of a gRPC error its details. */
export function reasonOf(error: unknown): string {
  const { details, cause, message } = error as { details?: unknown; cause?: unknown; message?: unknown };
  const inner = (cause as { details?: unknown } | undefined)?.details;
  const said = [details, inner, message].find((text) => typeof text === 'string' && text !== '');
  return typeof said === 'string' ? (said.split('\n')[0] ?? '') : String(error);
}

/** gRPC's number of an error of the service; nothing for any other error. Source: gRPC's documentation of status codes. */
export function grpcCodeOf(error: unknown): number | undefined {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return [code, cause?.code].find((number) => typeof number === 'number');
}

export const GRPC_CODES = { notFound: 5, permissionDenied: 7, unimplemented: 12, unauthenticated: 16 } as const;

/** Whether the server knows who asks, or would like to, and refuses. */
export function isCredentialRefused(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return code === GRPC_CODES.permissionDenied || code === GRPC_CODES.unauthenticated;
}
