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
