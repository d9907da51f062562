import type { Client } from '@temporalio/client';

/** For a request that has no time limit of its own; gRPC takes no deadline without end. */
const A_YEAR_MS = 365 * 24 * 3_600_000;

export interface Wanted {
  readonly signal: AbortSignal;
  /** @default no limit */
  readonly timeoutMs?: number;
}

/**
 * Asks the server until the signal is aborted. Settles when no request is left, so that the connection can be closed: at once as
 * a rule, and after some 5 s at most where the SDK is about to repeat a request.
 *
 * The SDK never lets go of a signal that it was given, so each request has its own. And it repeats a failed request
 * from a timer that no signal ends; where the connection has been closed meanwhile, that throws out of the process. So the
 * deadline, which it hands on by reference, is taken back as well: what is repeated then fails at once.
 */
export async function whileWanted<T>(
  client: Client,
  { signal, timeoutMs = A_YEAR_MS }: Wanted,
  ask: () => Promise<T>,
): Promise<T> {
  const deadline = new Date(Date.now() + timeoutMs);
  const own = new AbortController();
  const abort = (): void => {
    deadline.setTime(0);
    own.abort();
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await client.withDeadline(deadline, () => client.withAbortSignal(own.signal, ask));
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
