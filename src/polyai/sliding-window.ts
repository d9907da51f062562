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

/** How a request ended, as far as the load of the API is concerned: success, 429, or an error of the API. */
export type RequestOutcome = 'ok' | 'throttled' | 'error';

const BUCKETS = 3;
/** Callers are counted up to this number. */
const MAX_CALLERS = 16;

interface Bucket {
  second: number;
  requests: number;
  errors: number;
  readonly callers: Readonly<Record<'throttled' | 'error', Set<string>>>;
}

/** The outcomes of the last two to three seconds. */
export class ErrorWindow {
  readonly #buckets: readonly Bucket[] = Array.from({ length: BUCKETS }, () => ({
    second: -1,
    requests: 0,
    errors: 0,
    callers: { throttled: new Set<string>(), error: new Set<string>() },
  }));

  /** @param caller what the request was for: usually a call */
  add(outcome: RequestOutcome, caller: string, nowMs: number): void {
    const bucket = this.#bucketAt(nowMs);
    bucket.requests += 1;
    if (outcome === 'ok') return;
    if (outcome === 'error') bucket.errors += 1;
    const callers = bucket.callers[outcome];
    if (callers.size < MAX_CALLERS) callers.add(caller);
  }

  /** Whether at least half of the requests failed. */
  isMostlyErrors(nowMs: number): boolean {
    let requests = 0;
    let errors = 0;
    for (const bucket of this.#current(nowMs)) {
      requests += bucket.requests;
      errors += bucket.errors;
    }
    return errors > 0 && errors * 2 >= requests;
  }

  /** How many different callers had this outcome. */
  callers(outcome: 'throttled' | 'error', nowMs: number): number {
    return new Set(this.#current(nowMs).flatMap(({ callers }) => [...callers[outcome]])).size;
  }

  #current(nowMs: number): readonly Bucket[] {
    const oldest = Math.floor(nowMs / SECOND_MS) - BUCKETS + 1;
    return this.#buckets.filter(({ second }) => second >= oldest);
  }

  #bucketAt(nowMs: number): Bucket {
    const second = Math.floor(nowMs / SECOND_MS);
    const bucket = this.#buckets[second % BUCKETS]!;
    if (bucket.second !== second) {
      Object.assign(bucket, { second, requests: 0, errors: 0 });
      bucket.callers.throttled.clear();
      bucket.callers.error.clear();
    }
    return bucket;
  }
}
