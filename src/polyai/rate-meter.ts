const SECOND_MS = 1_000;
/** The first events of all are not taken for a rate that they would make if they came in one moment. */
const LEAST_SPAN_MS = 250;
/** The peak is halved in about a minute. */
const PEAK_KEPT_PER_SECOND = 0.99;

/** Counts events per second: now, and at the busiest of the last minute. */
export class RateMeter {
  readonly #beganAtMs: number;
  #secondBeganAtMs: number;
  #count = 0;
  #countBefore = 0;
  #peak = 0;

  constructor(nowMs: number) {
    this.#beganAtMs = nowMs;
    this.#secondBeganAtMs = nowMs;
  }

  add(nowMs: number): void {
    this.#roll(nowMs);
    this.#count += 1;
  }

  /** Events in the second that ends now: those of this one, and a share of those of the one before. */
  perSecond(nowMs: number): number {
    this.#roll(nowMs);
    const spanMs = Math.max(nowMs - this.#beganAtMs, LEAST_SPAN_MS);
    if (spanMs < SECOND_MS) return (this.#count * SECOND_MS) / spanMs;
    const shareOfNew = (nowMs - this.#secondBeganAtMs) / SECOND_MS;
    return this.#count + this.#countBefore * (1 - shareOfNew);
  }

  /** The most events in one second, an older second counting for less. */
  peakPerSecond(nowMs: number): number {
    this.#roll(nowMs);
    return Math.max(this.#peak, this.#count, this.#countBefore);
  }

  #roll(nowMs: number): void {
    const seconds = Math.floor((nowMs - this.#secondBeganAtMs) / SECOND_MS);
    if (seconds <= 0) return;
    this.#peak = Math.max(this.#peak, this.#count) * PEAK_KEPT_PER_SECOND ** seconds;
    this.#countBefore = seconds === 1 ? this.#count : 0;
    this.#count = 0;
    this.#secondBeganAtMs += seconds * SECOND_MS;
  }
}
