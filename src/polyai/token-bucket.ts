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
