/** A tenth of a second's requests may be sent at once, and at least one. */
const BURST_SECONDS = 0.1;
/** Tolerance for the rounding errors of adding fractions. */
const EPSILON = 1e-9;

/**
 * A token bucket: permits a number of requests per second; `Infinity` is no limit. It reads no clock: the caller passes the
 * time, in milliseconds of any clock.
 */
export class TokenBucket {
  #ratePerSecond: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(ratePerSecond: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#tokens = burstOf(ratePerSecond);
    this.#filledAtMs = nowMs;
  }

  /** Changes the rate. A bucket that had no limit starts empty. */
  setRate(ratePerSecond: number, nowMs: number): void {
    if (ratePerSecond === this.#ratePerSecond) return;
    if (this.#ratePerSecond === Infinity) this.#tokens = 0;
    this.#fill(nowMs);
    this.#tokens = Math.min(this.#tokens, burstOf(ratePerSecond));
    this.#ratePerSecond = ratePerSecond;
  }

  /** Whole milliseconds until a token can be taken; 0 when one can be taken now. */
  waitMs(nowMs: number): number {
    if (this.#ratePerSecond === Infinity) return 0;
    this.#fill(nowMs);
    const missing = 1 - EPSILON - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil((missing / this.#ratePerSecond) * 1_000);
  }

  /** Takes a token; call it only when `waitMs` is 0. */
  take(): void {
    if (this.#ratePerSecond !== Infinity) this.#tokens = Math.max(0, this.#tokens - 1);
  }

  #fill(nowMs: number): void {
    const elapsedMs = nowMs - this.#filledAtMs;
    if (elapsedMs <= 0) return;
    this.#filledAtMs = nowMs;
    if (this.#ratePerSecond === Infinity) return;
    const added = (elapsedMs / 1_000) * this.#ratePerSecond;
    this.#tokens = Math.min(burstOf(this.#ratePerSecond), this.#tokens + added);
  }
}

function burstOf(ratePerSecond: number): number {
  return Math.max(1, ratePerSecond * BURST_SECONDS);
}
