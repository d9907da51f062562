import { onAbort } from '../platform/abortable.js';

interface PollLoop {
  /** @returns how long to wait before the next poll; `undefined` when there is none */
  readonly poll: () => Promise<number | undefined>;
  /** A wait has begun. */
  readonly onWait: () => void;
  /** Ends a wait. A poll that is under way has to listen itself. */
  readonly signal: AbortSignal;
}

/**
 * Polls until a poll says that there is no next one. A worker runs thousands of long polls, and most of the time they wait. To
 * save memory, only a timer lives through a wait.
 *
 * @throws the error of a poll, or the reason of the signal
 */
export async function pollRepeatedly({ poll, onWait, signal }: PollLoop): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stopListening: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const next = (): void => {
        timer = undefined;
        poll().then(afterPoll, reject);
      };
      const afterPoll = (waitMs: number | undefined): void => {
        if (waitMs === undefined) resolve();
        else if (signal.aborted) reject(signal.reason as Error);
        else {
          timer = setTimeout(next, waitMs);
          onWait();
        }
      };
      stopListening = onAbort(signal, () => timer && reject(signal.reason as Error));
      next();
    });
  } finally {
    clearTimeout(timer);
    stopListening?.();
  }
}
