/* global AbortController, AbortSignal, DOMException */
import { setMaxListeners } from 'node:events';

/** Ctrl-C ends what is under way in good order; a second one ends at once. */
export function interruptible() {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    console.error('\ncleaning up …');
    controller.abort();
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM']);
  for (const name of signals) process.on(name, interrupt);
  return { signal: controller.signal, over: () => signals.forEach((name) => process.off(name, interrupt)) };
}

/** Aborts with the signal or when the time is up, then with a `TimeoutError`. @param {AbortSignal} signal @param {number} ms */
export function withLimit(signal, ms) {
  // Not `AbortSignal.timeout`, which may be garbage-collected before its time (nodejs/node#57736).
  const over = new AbortController();
  setTimeout(() => over.abort(new DOMException('the time is up', 'TimeoutError')), ms).unref();
  const limited = AbortSignal.any([signal, over.signal]);
  // Each call under way listens.
  setMaxListeners(0, limited);
  return limited;
}
