const SECOND_MS = 1_000;
/** Shorter spans are counted as this long, so that the first few events do not look like a high rate. */
const MIN_SPAN_MS = 250;
/** Per second; halves the peak in about a minute. */
const PEAK_DECAY = 0.99;

/** A sliding window counter: events in the last second, and in the busiest second of the last minute or so. */
export class SlidingWindowCounter {
  readonly #startedAtMs: number;
  #secondStartedAtMs: number;
  #count = 0;
  #previousCount = 0;
  #peak = 0;

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
    this.#secondStartedAtMs = nowMs;
  }

  add(nowMs: number): void {
    this.#roll(nowMs);
    this.#count += 1;
  }

  /** Events in the second that ends now: those of this second and a share of those of the previous one. */
  perSecond(nowMs: number): number {
    this.#roll(nowMs);
    const spanMs = Math.max(nowMs - this.#startedAtMs, MIN_SPAN_MS);
    if (spanMs < SECOND_MS) return (this.#count * SECOND_MS) / spanMs;
    const shareOfThisSecond = (nowMs - this.#secondStartedAtMs) / SECOND_MS;
    return this.#count + this.#previousCount * (1 - shareOfThisSecond);
  }

  /** The most events in one second; older seconds count for less. */
  peakPerSecond(nowMs: number): number {
    this.#roll(nowMs);
    return Math.max(this.#peak, this.#count, this.#previousCount);
  }

  #roll(nowMs: number): void {
    const seconds = Math.floor((nowMs - this.#secondStartedAtMs) / SECOND_MS);
    if (seconds <= 0) return;
    this.#peak = Math.max(this.#peak, this.#count) * PEAK_DECAY ** seconds;
    this.#previousCount = seconds === 1 ? this.#count : 0;
    this.#count = 0;
    this.#secondStartedAtMs += seconds * SECOND_MS;
  }
}
