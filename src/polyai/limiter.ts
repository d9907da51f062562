import { onAbort } from '../platform/abortable.js';
import { AimdRate } from './aimd.js';
import type { ResponseClass } from './error-window.js';
import { PolyAiError, type PolyAiErrorKind } from './errors.js';
import type { RequestOptions } from './options.js';
import { TokenBucket } from './token-bucket.js';

/** Node fires a longer timer at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Requests are throttled because the API responds with 429 or fails for many calls. */
export interface Throttling {
  /** The present limit. */
  readonly requestsPerSecond: number;
  /** The kind of the latest failure: `RateLimited`, `PolyAiUnavailable` or `InvalidResponse`. */
  readonly cause: PolyAiErrorKind;
  /** The message of the latest failure; contains neither token nor phone number. */
  readonly message: string;
  /** When the throttling started. ISO 8601 UTC. */
  readonly since: string;
}

export interface RequestLimits {
  readonly maxConcurrentRequests: number;
  /** `Infinity`: no limit. */
  readonly maxRequestsPerSecond: number;
}

/** How long a request waits for the limiter. */
type AcquireOptions = Pick<RequestOptions, 'signal' | 'maxWaitMs'>;

/** A request that has ended. */
interface RequestResult {
  /** What the request was for: usually a call. Repeated failures of one subject count once. */
  readonly subject: string;
  /** By `performance.now()`. */
  readonly sentAtMs: number;
  /** Absent when the request succeeded. */
  readonly error?: PolyAiError;
}

interface Waiter {
  readonly admit: () => void;
  readonly reject: (error: PolyAiError) => void;
}

/**
 * Admits the requests of a client, first come, first served. Limits the number of concurrent requests and the number per second. The
 * rate is the configured one, or the AIMD rate where that is lower; one token bucket enforces it.
 */
export class RequestLimiter {
  readonly #limits: RequestLimits;
  readonly #aimdRate = new AimdRate(performance.now());
  readonly #bucket: TokenBucket;
  /** In order of arrival. */
  readonly #queue = new Set<Waiter>();
  #concurrent = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #throttled: Omit<Throttling, 'requestsPerSecond'> | undefined;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
    this.#bucket = new TokenBucket(limits.maxRequestsPerSecond, performance.now());
  }

  get throttling(): Throttling | undefined {
    const requestsPerSecond = Math.round(this.#aimdRate.limit * 10) / 10;
    return this.#throttled && { requestsPerSecond, ...this.#throttled };
  }

  /**
   * Waits for permission to send a request. Every request that was admitted must call `release`.
   *
   * @returns nothing when the request may be sent at once, else a promise. It rejects with the signal's reason, or with a
   * `PolyAiError` that is `notSent` after `maxWaitMs`.
   */
  acquire(options: AcquireOptions): Promise<void> | undefined {
    if (this.#isClosed) return Promise.reject(closedError());
    if (this.#queue.size === 0 && this.#waitMs() === 0) {
      this.#take();
      return undefined;
    }
    if (options.maxWaitMs !== undefined && options.maxWaitMs <= 0) return Promise.reject(this.#notSentError(0));
    const waiting = this.#enqueue(options);
    this.#admitWaiters();
    return waiting;
  }

  /** Ends a request that was admitted. */
  release(): void {
    this.#concurrent -= 1;
    this.#admitWaiters();
  }

  /** Adapts the rate to the result of a request. Call it before `release`. */
  record({ subject, sentAtMs, error }: RequestResult): void {
    const nowMs = performance.now();
    const isBacklogged = this.#isBacklogged();
    const request = { responseClass: classifyResponse(error), subject, sentAtMs, nowMs, isBacklogged };
    const isDecreased = this.#aimdRate.recordCompleted(request);
    if (isDecreased && error) {
      const since = this.#throttled?.since ?? new Date().toISOString();
      this.#throttled = { cause: error.kind, message: error.message, since };
    }
    this.#applyRate(nowMs);
  }

  /** Rejects all waiting requests, and all later ones. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const waiter of this.#queue) waiter.reject(closedError());
    this.#queue.clear();
  }

  async #enqueue({ signal, maxWaitMs = Infinity }: AcquireOptions): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let stopListening: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = { admit: resolve, reject };
        this.#queue.add(waiter);
        const giveUp = (reason: Error): void => {
          this.#queue.delete(waiter);
          reject(reason);
          if (this.#queue.size === 0) clearTimeout(this.#timer);
        };
        if (signal) stopListening = onAbort(signal, () => giveUp(signal.reason as Error));
        if (maxWaitMs <= MAX_TIMER_MS) timer = setTimeout(() => giveUp(this.#notSentError(maxWaitMs)), maxWaitMs);
      });
    } finally {
      clearTimeout(timer);
      stopListening?.();
    }
  }

  #admitWaiters(): void {
    clearTimeout(this.#timer);
    for (const waiter of this.#queue) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        if (waitMs < Infinity) this.#timer = setTimeout(() => this.#admitWaiters(), Math.min(waitMs, MAX_TIMER_MS));
        return;
      }
      this.#take();
      this.#queue.delete(waiter);
      waiter.admit();
    }
  }

  /** Milliseconds until the next request may be sent; `Infinity` until one is released. */
  #waitMs(): number {
    if (this.#concurrent >= this.#limits.maxConcurrentRequests) return Infinity;
    return this.#bucket.waitMs(performance.now());
  }

  #take(): void {
    const nowMs = performance.now();
    this.#concurrent += 1;
    this.#bucket.take();
    this.#aimdRate.recordSent(nowMs);
    this.#applyRate(nowMs);
  }

  #applyRate(nowMs: number): void {
    const { limit } = this.#aimdRate;
    this.#bucket.setRate(Math.min(limit, this.#limits.maxRequestsPerSecond), nowMs);
    if (limit === Infinity) this.#throttled = undefined;
  }

  /** Whether requests wait only because of the AIMD rate. */
  #isBacklogged(): boolean {
    const { maxConcurrentRequests, maxRequestsPerSecond } = this.#limits;
    const isAtConfiguredLimit =
      this.#concurrent >= maxConcurrentRequests || this.#aimdRate.limit >= maxRequestsPerSecond;
    return this.#queue.size > 0 && !isAtConfiguredLimit;
  }

  #notSentError(waitedMs: number): PolyAiError {
    const { cause, message } = this.#throttled ?? {};
    const kind = cause === 'RateLimited' ? 'RateLimited' : 'PolyAiUnavailable';
    const reason =
      message === undefined ? 'the worker’s own request limit was reached' : `requests are throttled (${message})`;
    return new PolyAiError(`not sent within ${Math.round(waitedMs)} ms: ${reason}`, { kind, notSent: true });
  }
}

/** An error of the request itself, such as 404, counts as `ok`: the API is available. */
function classifyResponse(error: PolyAiError | undefined): ResponseClass {
  switch (error?.kind) {
    case 'RateLimited':
      return 'rate-limited';
    case 'PolyAiUnavailable':
    case 'InvalidResponse':
      return 'error';
    default:
      return 'ok';
  }
}

function closedError(): PolyAiError {
  return new PolyAiError('the PolyAI client is closed', { kind: 'PolyAiUnavailable' });
}
