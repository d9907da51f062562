/**
 * What an error says, in one text: of a gRPC error, also inside the `ServiceError` of Temporal's client, the server's own words
 * (`details`); of any other the message. A refused connection is an `AggregateError` without a message: then its code.
 */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { details } = ((error.name === 'ServiceError' && error.cause) || error) as { readonly details?: unknown };
  if (typeof details === 'string' && details !== '') return details;
  const { code } = error as NodeJS.ErrnoException;
  return error.message || code || error.name;
}
