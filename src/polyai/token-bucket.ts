/** As much as a tenth of a second's requests may go at once, and one at any rate. */
const BURST_SECONDS = 0.1;
/** What adding up fractions may lose. */
const ROUNDING = 1e-9;

/** So many requests per second; `Infinity` stands for any number. The time is given to it, in milliseconds of any clock. */
export class TokenBucket {
  #ratePerSecond: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(ratePerSecond: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#tokens = burstOf(ratePerSecond);
    this.#filledAtMs = nowMs;
  }

  /** From now on another rate. A bucket that had no limit begins empty. */
  setRate(ratePerSecond: number, nowMs: number): void {
    if (ratePerSecond === this.#ratePerSecond) return;
    if (this.#ratePerSecond === Infinity) this.#tokens = 0;
    this.#fill(nowMs);
    this.#tokens = Math.min(this.#tokens, burstOf(ratePerSecond));
    this.#ratePerSecond = ratePerSecond;
  }

  /** How long until a token can be taken, in whole milliseconds; 0 when one can be taken now. */
  waitMs(nowMs: number): number {
    if (this.#ratePerSecond === Infinity) return 0;
    this.#fill(nowMs);
    const missing = 1 - ROUNDING - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil((missing / this.#ratePerSecond) * 1_000);
  }

  /** Takes a token, to be called when `waitMs` is 0. */
  take(): void {
    if (this.#ratePerSecond !== Infinity) this.#tokens = Math.max(0, this.#tokens - 1);
  }

  #fill(nowMs: number): void {
    const elapsedMs = nowMs - this.#filledAtMs;
    if (elapsedMs <= 0) return;
    this.#filledAtMs = nowMs;
    if (this.#ratePerSecond === Infinity) return;
    const gained = (elapsedMs / 1_000) * this.#ratePerSecond;
    this.#tokens = Math.min(burstOf(this.#ratePerSecond), this.#tokens + gained);
  }
}

function burstOf(ratePerSecond: number): number {
  return Math.max(1, ratePerSecond * BURST_SECONDS);
}

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
