import { abortableSleep } from '../platform/abortable.js';

/** The maximum delay of a timer that later requests catch up on, in milliseconds. */
const MAX_CATCH_UP_MS = 100;

/** Spaces requests evenly, up to a maximum rate per second. */
export class RequestPacer {
  readonly #spacingMs: number;
  #nextMs = 0;

  constructor(perSecond: number) {
    this.#spacingMs = 1_000 / perSecond;
  }

  /** Resolves when it is the turn of the next request, or as soon as the signal is aborted. */
  async turn(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    const turnMs = Math.max(this.#nextMs, nowMs - MAX_CATCH_UP_MS);
    this.#nextMs = turnMs + this.#spacingMs;
    if (turnMs > nowMs) await abortableSleep(turnMs - nowMs, signal);
  }
}
