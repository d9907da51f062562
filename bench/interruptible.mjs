/* global AbortController, AbortSignal */
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
  const limited = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  // Each call under way listens.
  setMaxListeners(0, limited);
  return limited;
}
