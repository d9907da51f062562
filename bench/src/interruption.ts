import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm forwards a Ctrl-C that the terminal has sent to this process as well: both count as one. */
const SAME_INTERRUPTION_MS = 500;

/**
 * Runs work that ends in good order on Ctrl-C; a second Ctrl-C exits at once. An interrupted run sets exit code 130.
 *
 * @param work rejects soon after its signal is aborted, once everything that it started has ended
 */
export async function runInterruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  let interruptedAtMs: number | undefined;
  const interrupt = (): void => {
    interruptedAtMs ??= performance.now();
    if (performance.now() - interruptedAtMs > SAME_INTERRUPTION_MS) process.exit(130);
    if (controller.signal.aborted) return;
    console.error('\nstopping (Ctrl-C again: at once) …');
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    console.error('interrupted; everything that was started has ended');
    process.exitCode = 130;
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}

/** Throws when the signal is aborted. A loop over SQLite, which is synchronous, would not hear of Ctrl-C without it. */
export async function checkInterruption(signal: AbortSignal): Promise<void> {
  await nextTurn();
  signal.throwIfAborted();
}

/** A signal that is aborted with the given one, or with a `TimeoutError` after the given time. */
export function withTimeLimit(signal: AbortSignal, ms: number): AbortSignal {
  // Not `AbortSignal.timeout`, which may be garbage-collected before it fires (nodejs/node#57736).
  const timeout = new AbortController();
  setTimeout(() => timeout.abort(new DOMException('the time limit has passed', 'TimeoutError')), ms).unref();
  const limited = AbortSignal.any([signal, timeout.signal]);
  // Each live call adds a listener.
  setMaxListeners(0, limited);
  return limited;
}

/** Rejects when the signal is aborted; never resolves. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}
