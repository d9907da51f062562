import { setMaxListeners } from 'node:events';

import { EXIT_CODES } from './exit-codes.js';

/** npm passes a Ctrl-C on that the terminal has sent here too: both are one. */
const SAME_INTERRUPTION_MS = 500;

/** From now on, Ctrl-C, SIGTERM and SIGHUP abort the returned signal; a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  // Every request that is under way listens to it.
  setMaxListeners(0, controller.signal);
  let interruptedAt: number | undefined;
  const interrupt = (): void => {
    interruptedAt ??= performance.now();
    if (performance.now() - interruptedAt > SAME_INTERRUPTION_MS) process.exit(EXIT_CODES.interrupted);
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  return controller.signal;
}

/** Resolves when the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
