import { ErrorWindow, type FailureClass, type JudgedResponse } from './error-window.js';
import { SlidingWindowCounter } from './sliding-window.js';

/** In requests per second: during an outage one probe every 2 s. */
const MIN_LIMIT = 0.5;
/** In requests per second. A lower demand counts as this much: a few calls need no throttling. */
const MIN_DEMAND = 10;
/** In requests per second: after an outage the API is expected to sustain at least this rate. */
const MIN_THRESHOLD = 100;
/** The limit is removed once it is this many times the demand. */
const REMOVE_ABOVE_DEMAND = 1.5;
const DECREASE_INTERVAL_MS = 1_000;
/** The number of calls with a failed request, or with a 429 response, from which on requests are throttled. */
const SUBJECTS_TO_THROTTLE = { error: 10, 'rate-limited': 3 } as const;
/** Above the threshold the limit grows by this share of the usual demand each second. */
const ADDITIVE_SHARE = 1 / 30;
/** After this time without a request the limit is removed. */
const FORGET_AFTER_MS = 60_000;

/** A request that has ended. Times are milliseconds of the clock that `AimdRate` was created with. */
export interface CompletedRequest extends JudgedResponse {
  readonly sentAtMs: number;
  readonly nowMs: number;
  /** Whether further requests wait only because of this limit. */
  readonly isBacklogged: boolean;
}

/**
 * The number of requests per second that the API seems to sustain: additive increase, multiplicative decrease, as in TCP
 * congestion control. There is no limit until the API responds with 429 or fails for nearly all calls. Then the limit halves, at most once a
 * second. Each success raises it by one (slow start, doubling each second) up to the threshold, where failures may
 * start again; above that it grows by a constant amount each second.
 */
export class AimdRate {
  readonly #errors = new ErrorWindow();
  readonly #sent: SlidingWindowCounter;
  #lastSentAtMs: number;
  #limit = Infinity;
  #threshold = Infinity;
  /** Requests per second before the first decrease. */
  #usual = Infinity;
  #decreasedAtMs = -Infinity;
  /** Since the last decrease. */
  #failures = { error: 0, 'rate-limited': 0 };
  /** When the first request was sent that succeeded since the last decrease. */
  #successSentAtMs: number | undefined;

  constructor(nowMs: number) {
    this.#sent = new SlidingWindowCounter(nowMs);
    this.#lastSentAtMs = nowMs;
  }

  /** Requests per second; `Infinity` while nothing is throttled. */
  get limit(): number {
    return this.#limit;
  }

  recordSent(nowMs: number): void {
    if (nowMs - this.#lastSentAtMs > FORGET_AFTER_MS) this.#removeLimit();
    this.#lastSentAtMs = nowMs;
    this.#sent.add(nowMs);
  }

  /** @returns whether the limit was decreased */
  recordCompleted(request: CompletedRequest): boolean {
    if (this.#isOutdated(request)) return false;
    const { responseClass, nowMs } = request;
    this.#errors.add(request, nowMs);
    if (responseClass === 'ok') this.#increase(request);
    else if (this.#isDecreaseDue(responseClass, nowMs)) {
      this.#decrease(responseClass, nowMs);
      return true;
    }
    return false;
  }

  /** Whether this failure is from before the last decrease (429), or from before a request that succeeded since (error). */
  #isOutdated({ responseClass, sentAtMs }: CompletedRequest): boolean {
    if (responseClass === 'rate-limited') return sentAtMs < this.#decreasedAtMs;
    return responseClass === 'error' && this.#successSentAtMs !== undefined && sentAtMs < this.#successSentAtMs;
  }

  #isDecreaseDue(responseClass: FailureClass, nowMs: number): boolean {
    if (responseClass === 'error' && !this.#errors.isOutage(nowMs)) return false;
    const needed = SUBJECTS_TO_THROTTLE[responseClass];
    if (this.#limit === Infinity) return this.#errors.subjects(responseClass, nowMs) >= needed;
    this.#failures[responseClass] += 1;
    const isIntervalOver = nowMs - this.#decreasedAtMs >= DECREASE_INTERVAL_MS;
    return isIntervalOver && this.#failures[responseClass] >= Math.min(needed, Math.ceil(this.#limit));
  }

  #decrease(responseClass: FailureClass, nowMs: number): void {
    const sentPerSecond = this.#sent.perSecond(nowMs);
    const demand = Math.max(sentPerSecond, MIN_DEMAND);
    if (this.#limit === Infinity) {
      this.#usual = Math.max(this.#sent.peakPerSecond(nowMs), demand);
      // Requests do not cause an outage: afterwards the API sustains the rate from before.
      this.#threshold = responseClass === 'rate-limited' ? demand / 2 : Math.max(this.#usual, MIN_THRESHOLD);
    } else if (this.#successSentAtMs !== undefined) {
      this.#threshold = Math.max(this.#limit / 2, MIN_LIMIT);
    }
    // In an outage the limit follows what is really sent; a second without a request says nothing, hence at least 1.
    const rate = responseClass === 'rate-limited' ? demand : Math.max(sentPerSecond, 1);
    this.#limit = Math.max(Math.min(this.#limit, rate) / 2, MIN_LIMIT);
    this.#decreasedAtMs = nowMs;
    this.#successSentAtMs = undefined;
    this.#failures = { error: 0, 'rate-limited': 0 };
  }

  #increase({ nowMs, sentAtMs, isBacklogged }: CompletedRequest): void {
    if (this.#limit === Infinity || sentAtMs < this.#decreasedAtMs) return;
    this.#successSentAtMs ??= sentAtMs;
    const isSlowStart = this.#limit < this.#threshold;
    const additive = Math.max(1, this.#usual * ADDITIVE_SHARE);
    this.#limit += isSlowStart ? 1 : additive / Math.max(this.#limit, 1);
    const isWellAboveDemand = this.#limit >= REMOVE_ABOVE_DEMAND * this.#sent.perSecond(nowMs) + MIN_DEMAND;
    if (isWellAboveDemand && !isBacklogged) this.#removeLimit();
  }

  #removeLimit(): void {
    this.#limit = Infinity;
    this.#threshold = Infinity;
    this.#successSentAtMs = undefined;
  }
}
