import type { Client } from '@temporalio/client';

import { onAbort } from './abortable.js';

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API: the type of a search attribute. */
export const INDEXED_VALUE_TYPE_KEYWORD = 2;

/** Stands for "no timeout": gRPC takes no infinite deadline. */
const ONE_YEAR_MS = 365 * 24 * 3_600_000;

interface CallLimits {
  readonly signal: AbortSignal;
  /** @default no timeout */
  readonly timeoutMs?: number;
}

/**
 * Makes requests to Temporal until the signal is aborted. Settles when no request is in progress, so that the connection can
 * be closed: usually at once, and within 5 s where the SDK is about to retry a request.
 *
 * Two properties of the SDK (1.24) decide how:
 * - It never removes its listener from a signal, so each call gets a separate signal.
 * - It retries a failed request from a timer that no signal cancels. When the connection has been closed meanwhile, the retry
 *   throws "Channel has been shut down" out of that timer, which no caller can catch, and the process ends. Each retry has
 *   the deadline of the first attempt, so with an {@link AbortableDeadline} it fails before it is sent.
 */
export async function callWithSignal<T>(
  client: Client,
  { signal, timeoutMs = ONE_YEAR_MS }: CallLimits,
  call: () => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const stopListening = onAbort(signal, () => own.abort());
  try {
    return await client.withDeadline(new AbortableDeadline(timeoutMs, signal), () =>
      client.withAbortSignal(own.signal, call),
    );
  } finally {
    stopListening();
  }
}

/** A gRPC deadline that has passed once the signal is aborted. gRPC reads it anew for each attempt. */
class AbortableDeadline extends Date {
  constructor(
    timeoutMs: number,
    private readonly signal: AbortSignal,
  ) {
    super(Date.now() + timeoutMs);
  }

  override getTime(): number {
    return this.signal.aborted ? 0 : super.getTime();
  }
}
