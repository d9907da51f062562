import { MAX_TIMER_MS, onAbort } from '../platform/abortable.js';
import { PolyAiError } from './errors.js';
import type { RequestOptions } from './options.js';
import { isUnproven, RequestQueue, type WaitingRequest } from './request-queue.js';
import { type Standing, Subjects } from './subjects.js';
import { classifyResponse, ThrottledRate, type Throttling } from './throttling.js';
import { TokenBucket } from './token-bucket.js';

export interface RequestLimits {
  readonly maxConcurrentRequests: number;
  /** `Infinity`: no limit. */
  readonly maxRequestsPerSecond: number;
}

/** A request that wants to be sent. */
interface RequestToSend extends Pick<RequestOptions, 'signal' | 'maxWaitMs' | 'urgent'> {
  /** What the request is for: usually a call. Repeated failures of one subject count once. */
  readonly subject: string;
}

/** The permission to send one request. */
export interface Permit {
  readonly subject: string;
  /** The subject's standing when the permit was requested; not updated while the request waits. */
  readonly standing: Standing;
  readonly isUnproven: boolean;
}

/** A request that has ended. */
interface RequestResult {
  /** By `performance.now()`. */
  readonly sentAtMs: number;
  /** Absent when the request succeeded. */
  readonly error?: PolyAiError;
}

interface Waiter extends WaitingRequest {
  readonly permit: Permit;
  readonly admit: (permit: Permit) => void;
  readonly reject: (error: PolyAiError) => void;
}

/** The share of the concurrent requests that unproven ones may use while the API answers others: each may take its whole timeout. */
const UNPROVEN_SHARE = 0.5;

/** How long after an answer the other share is kept free. */
const KEEP_FREE_MS = 5_000;

/**
 * Admits the requests of a client, in the order of `RequestQueue`. Limits the number of concurrent requests and the number per
 * second. The rate is the configured one, or the AIMD rate where that is lower; one token bucket enforces it.
 */
export class RequestLimiter {
  readonly #limits: RequestLimits;
  readonly #rate = new ThrottledRate();
  readonly #bucket: TokenBucket;
  readonly #queue = new RequestQueue<Waiter>();
  readonly #subjects = new Subjects();
  readonly #maxUnproven: number;
  #arrivals = 0;
  #concurrent = 0;
  #concurrentUnproven = 0;
  #answeredAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
    this.#maxUnproven = Math.max(1, Math.floor(limits.maxConcurrentRequests * UNPROVEN_SHARE));
    this.#bucket = new TokenBucket(limits.maxRequestsPerSecond, performance.now());
  }

  get throttling(): Throttling | undefined {
    return this.#rate.throttling;
  }

  /**
   * Asks for permission to send a request. Every permit must be given back with `release`.
   *
   * @returns the permit when the request may be sent at once, else a promise of it. It rejects with the signal's reason, or with
   * a `PolyAiError` that is `notSent` after `maxWaitMs`; the subject's next request then takes its place in the queue.
   */
  acquire(request: RequestToSend): Permit | Promise<Permit> {
    if (this.#isClosed) return Promise.reject(closedError());
    const { subject, urgent: isUrgent = false, maxWaitMs = Infinity } = request;
    const standing = this.#subjects.standing(subject);
    const permit = { subject, standing, isUnproven: isUnproven({ isUrgent, standing }) };
    const isAllowed = !permit.isUnproven || this.#hasRoomForUnproven();
    if (isAllowed && !this.#nextWaiter() && this.#waitMs() === 0) return this.#take(permit);
    if (maxWaitMs <= 0) return Promise.reject(this.#notSentError(0, permit));
    const waiting = this.#enqueue(request, permit);
    this.#admitWaiters();
    return waiting;
  }

  /** Ends a request that was admitted. */
  release({ isUnproven }: Permit): void {
    this.#concurrent -= 1;
    if (isUnproven) this.#concurrentUnproven -= 1;
    this.#admitWaiters();
  }

  /** Adapts the rate to the result of a request. Call it before `release`. */
  record({ subject, standing }: Permit, { sentAtMs, error }: RequestResult): void {
    const nowMs = performance.now();
    const isProven = standing === 'good';
    this.#rate.recordCompleted({ error, subject, isProven, sentAtMs, nowMs, isBacklogged: this.#isBacklogged() });
    const responseClass = classifyResponse(error);
    if (responseClass === 'ok') this.#answeredAtMs = nowMs;
    if (responseClass !== 'rate-limited')
      this.#subjects.recordResponse(subject, responseClass === 'ok' ? 'good' : 'failing');
    this.#applyRate(nowMs);
  }

  /** Rejects all waiting requests, and all later ones. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const waiter of this.#queue.clear()) waiter.reject(closedError());
  }

  async #enqueue(request: RequestToSend, permit: Permit): Promise<Permit> {
    const { signal, maxWaitMs = Infinity, urgent: isUrgent = false } = request;
    const { subject, standing } = permit;
    const nowMs = performance.now();
    const waitingSinceMs = this.#subjects.recordWaiting(subject, nowMs);
    const place = { waitingSinceMs, hasReturned: waitingSinceMs < nowMs, sequence: (this.#arrivals += 1) };
    let timer: NodeJS.Timeout | undefined;
    let stopListening: (() => void) | undefined;
    try {
      return await new Promise<Permit>((admit, reject) => {
        const waiter: Waiter = { permit, standing, isUrgent, ...place, admit, reject };
        this.#queue.add(waiter);
        const giveUp = (reason: Error): void => {
          this.#queue.delete(waiter);
          this.#subjects.recordWaiting(subject, performance.now());
          reject(reason);
          if (this.#queue.size === 0) clearTimeout(this.#timer);
        };
        if (signal) stopListening = onAbort(signal, () => giveUp(signal.reason as Error));
        if (maxWaitMs <= MAX_TIMER_MS) {
          timer = setTimeout(() => giveUp(this.#notSentError(maxWaitMs, permit)), maxWaitMs);
        }
      });
    } finally {
      clearTimeout(timer);
      stopListening?.();
    }
  }

  #admitWaiters(): void {
    clearTimeout(this.#timer);
    for (let waiter = this.#nextWaiter(); waiter; waiter = this.#nextWaiter()) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        if (waitMs < Infinity) this.#timer = setTimeout(() => this.#admitWaiters(), Math.min(waitMs, MAX_TIMER_MS));
        return;
      }
      this.#queue.admit(waiter);
      waiter.admit(this.#take(waiter.permit));
    }
  }

  #nextWaiter(): Waiter | undefined {
    return this.#queue.next({ onlyProven: !this.#hasRoomForUnproven() });
  }

  #hasRoomForUnproven(): boolean {
    return this.#concurrentUnproven < this.#maxUnproven || performance.now() - this.#answeredAtMs > KEEP_FREE_MS;
  }

  /** Milliseconds until the next request may be sent; `Infinity` until one is released. */
  #waitMs(): number {
    if (this.#concurrent >= this.#limits.maxConcurrentRequests) return Infinity;
    return this.#bucket.waitMs(performance.now());
  }

  #take(permit: Permit): Permit {
    const nowMs = performance.now();
    this.#concurrent += 1;
    if (permit.isUnproven) this.#concurrentUnproven += 1;
    this.#subjects.recordSent(permit.subject);
    this.#bucket.take();
    this.#rate.recordSent(nowMs);
    this.#applyRate(nowMs);
    return permit;
  }

  #applyRate(nowMs: number): void {
    this.#bucket.setRate(Math.min(this.#rate.limit, this.#limits.maxRequestsPerSecond), nowMs);
  }

  /** Whether requests wait only because of the AIMD rate. */
  #isBacklogged(): boolean {
    const { maxConcurrentRequests, maxRequestsPerSecond } = this.#limits;
    const isAtConfiguredLimit = this.#concurrent >= maxConcurrentRequests || this.#rate.limit >= maxRequestsPerSecond;
    return this.#nextWaiter() !== undefined && !isAtConfiguredLimit;
  }

  #notSentError(waitedMs: number, permit: Permit): PolyAiError {
    const kind = this.throttling?.cause === 'RateLimited' ? 'RateLimited' : 'PolyAiUnavailable';
    const message = `not sent within ${Math.round(waitedMs)} ms: ${this.#reasonToWait(permit)}`;
    return new PolyAiError(message, { kind, notSent: true });
  }

  #reasonToWait({ isUnproven }: Permit): string {
    const { maxConcurrentRequests, maxRequestsPerSecond } = this.#limits;
    if (this.throttling) return `requests are throttled (${this.throttling.message})`;
    const isFull = this.#concurrent >= maxConcurrentRequests;
    if (isFull) return `the API had not answered ${maxConcurrentRequests} requests yet, the most at once`;
    if (isUnproven && !this.#hasRoomForUnproven()) {
      return `the API had not answered ${this.#maxUnproven} requests of calls that are new or for which it fails, the most at once`;
    }
    if (maxRequestsPerSecond === Infinity) return 'other requests went first';
    return `the worker’s own limit of ${maxRequestsPerSecond} requests per second was reached`;
  }
}

function closedError(): PolyAiError {
  return new PolyAiError('the PolyAI client is closed', { kind: 'PolyAiUnavailable' });
}
