import type { Client } from '@temporalio/client';

interface Listeners {
  readonly callbacks: Set<() => void>;
  readonly stop: () => void;
}

const listenersOf = new WeakMap<AbortSignal, Listeners>();

/**
 * Calls back when the signal is aborted, until the returned function is called.
 *
 * A signal holds its own listeners in a list that it walks for each new one, which thousands of requests under one
 * signal would feel; here they share one listener.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const listeners = listenersOf.get(signal) ?? listenTo(signal);
  listeners.callbacks.add(callback);
  return () => {
    listeners.callbacks.delete(callback);
    if (listeners.callbacks.size === 0) listeners.stop();
  };
}

function listenTo(signal: AbortSignal): Listeners {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    stop();
    for (const callback of callbacks) callback();
  };
  const stop = (): void => {
    signal.removeEventListener('abort', listener);
    if (listenersOf.get(signal)?.callbacks === callbacks) listenersOf.delete(signal);
  };
  const listeners = { callbacks, stop };
  signal.addEventListener('abort', listener, { once: true });
  listenersOf.set(signal, listeners);
  return listeners;
}

/** Awaits `work`, but rejects with the signal's reason as soon as it is aborted; `work` then goes on unheeded. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stopListening = () => signal.removeEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stopListening();
  }
}

/** Resolves after `ms`, or as soon as the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** For a request that has no time limit of its own; gRPC takes no deadline without end. */
const A_YEAR_MS = 365 * 24 * 3_600_000;

interface Wanted {
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
