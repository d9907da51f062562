import type { Client } from '@temporalio/client';

/** Asks the server until the signal is aborted. The SDK never lets go of a signal that it was given, so each request has its own. */
export async function whileWanted<T>(
  client: Client,
  signal: AbortSignal | undefined,
  ask: () => Promise<T>,
): Promise<T> {
  if (!signal) return await ask();
  const own = new AbortController();
  const abort = (): void => own.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await client.withAbortSignal(own.signal, ask);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
