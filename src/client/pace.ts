import { pause } from '../platform/abortable.js';

/** What may be made up after a late timer, in milliseconds. */
const SLACK_MS = 100;

/** Gives out turns, at most so many a second. */
export class Pace {
  readonly #spacingMs: number;
  #nextMs = 0;

  constructor(perSecond: number) {
    this.#spacingMs = 1_000 / perSecond;
  }

  async turn(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    const turnMs = Math.max(this.#nextMs, nowMs - SLACK_MS);
    this.#nextMs = turnMs + this.#spacingMs;
    if (turnMs > nowMs) await pause(turnMs - nowMs, signal);
  }
}
