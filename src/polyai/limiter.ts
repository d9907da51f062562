import { onAbort } from '../platform/abortable.js';
import { AdaptiveRate, type Answer, type Trouble } from './aimd.js';
import { PolyAiError, type PolyAiErrorKind } from './errors.js';
import { TokenBucket } from './token-bucket.js';

/** A longer timer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface GateOptions {
  readonly maxConcurrentRequests: number;
  /** `Infinity`: no limit. */
  readonly maxRequestsPerSecond: number;
  /** Milliseconds of a clock that never goes back; `performance.now` unless a test has its own. */
  readonly now?: (() => number) | undefined;
}

/** How long a request would wait to be let through. */
export interface Patience {
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds; without limit when left out. */
  readonly maxWaitMs?: number | undefined;
  /** Whether it is to be sent though the token is refused to others. */
  readonly bypassCircuit?: boolean | undefined;
}

/** That fewer requests are sent than are wanted, because the API is in trouble. */
export interface Throttling {
  /** As many requests are sent at present, at most. */
  readonly requestsPerSecond: number;
  /** The kind of the latest trouble: `RateLimited`, `PolyAiUnavailable` or `InvalidResponse`. */
  readonly cause: PolyAiErrorKind;
  /** What the API answered; holds neither token nor phone number. */
  readonly message: string;
  /** When it began. ISO 8601 UTC. */
  readonly since: string;
}

interface Waiter {
  readonly letThrough: () => void;
  readonly refuse: (error: PolyAiError) => void;
}

/**
 * Lets requests through in the order in which they came: so many at once, so many per second, and fewer while the API is
 * in trouble. Whoever was let through must leave.
 */
export class RequestGate {
  readonly #now: () => number;
  readonly #maxConcurrent: number;
  readonly #maxPerSecond: number;
  readonly #own: TokenBucket;
  readonly #adaptive: AdaptiveRate;
  readonly #borne: TokenBucket;
  readonly #queue = new WaitQueue<Waiter>();
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** The two clocks do not tick together: what is shown is converted once. */
  #trouble: { readonly sinceMs: number; readonly since: string } | undefined;

  constructor({ maxConcurrentRequests, maxRequestsPerSecond, now = () => performance.now() }: GateOptions) {
    this.#now = now;
    this.#maxConcurrent = maxConcurrentRequests;
    this.#maxPerSecond = maxRequestsPerSecond;
    this.#own = new TokenBucket(maxRequestsPerSecond, now());
    this.#adaptive = new AdaptiveRate(now());
    this.#borne = new TokenBucket(Infinity, now());
  }

  get slowdown(): Throttling | undefined {
    const { closed, limit } = this.#adaptive;
    if (!closed) return undefined;
    if (this.#trouble?.sinceMs !== closed.sinceMs) {
      const since = new Date(Date.now() - (this.#now() - closed.sinceMs)).toISOString();
      this.#trouble = { sinceMs: closed.sinceMs, since };
    }
    return {
      requestsPerSecond: Math.round(limit * 10) / 10,
      cause: closed.trouble.kind,
      message: closed.trouble.message,
      since: this.#trouble.since,
    };
  }

  /**
   * @returns nothing when the request may be sent at once, else a promise of when it may. It rejects with the signal's
   * reason, or with a `PolyAiError` that is `notSent` when `maxWaitMs` runs out.
   */
  enter(patience: Patience): Promise<void> | undefined {
    if (this.#isClosed) return Promise.reject(closedError());
    if (this.#queue.isEmpty && this.#waitMs() === 0) {
      this.#admit();
      return undefined;
    }
    if (patience.maxWaitMs !== undefined && patience.maxWaitMs <= 0) return Promise.reject(this.#heldBack(0));
    const waiting = this.#wait(patience);
    this.#letThrough();
    return waiting;
  }

  /** The end of a request that was let through, however it ended. */
  leave(): void {
    this.#underWay -= 1;
    this.#letThrough();
  }

  /** What came of a request, to be told before it leaves. */
  heard(answer: Pick<Answer, 'verdict' | 'caller' | 'sentAtMs' | 'trouble'>): void {
    const nowMs = this.#now();
    this.#adaptive.answered({ ...answer, nowMs, isBacklogged: this.#isHeldByTrouble() });
    this.#borne.setRate(this.#adaptive.limit, nowMs);
  }

  /** Refuses whoever waits, and whoever comes from now on. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (let waiter = this.#queue.shift(); waiter; waiter = this.#queue.shift()) waiter.refuse(closedError());
  }

  async #wait({ signal, maxWaitMs = Infinity }: Patience): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let stopListening: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const place = this.#queue.join({ letThrough: resolve, refuse: reject });
        const giveUp = (reason: Error): void => {
          this.#queue.leave(place);
          reject(reason);
          if (this.#queue.isEmpty) clearTimeout(this.#timer);
        };
        if (signal) stopListening = onAbort(signal, () => giveUp(signal.reason as Error));
        if (maxWaitMs <= MAX_TIMER_MS) timer = setTimeout(() => giveUp(this.#heldBack(maxWaitMs)), maxWaitMs);
      });
    } finally {
      clearTimeout(timer);
      stopListening?.();
    }
  }

  #letThrough(): void {
    clearTimeout(this.#timer);
    while (!this.#queue.isEmpty) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        if (waitMs < Infinity) this.#timer = setTimeout(() => this.#letThrough(), Math.min(waitMs, MAX_TIMER_MS));
        return;
      }
      this.#admit();
      this.#queue.shift()!.letThrough();
    }
  }

  /** Whether requests wait that the own limits would let through. */
  #isHeldByTrouble(): boolean {
    const isHeldByOwn = this.#underWay >= this.#maxConcurrent || this.#adaptive.limit >= this.#maxPerSecond;
    return !this.#queue.isEmpty && !isHeldByOwn;
  }

  /** Until the next request may go; `Infinity` until one leaves. */
  #waitMs(): number {
    if (this.#underWay >= this.#maxConcurrent) return Infinity;
    const nowMs = this.#now();
    return Math.max(this.#own.waitMs(nowMs), this.#borne.waitMs(nowMs));
  }

  #admit(): void {
    this.#underWay += 1;
    this.#own.take();
    this.#borne.take();
    const nowMs = this.#now();
    this.#adaptive.sent(nowMs);
    this.#borne.setRate(this.#adaptive.limit, nowMs);
  }

  #heldBack(waitedMs: number): PolyAiError {
    const trouble: Trouble | undefined = this.#adaptive.closed?.trouble;
    const kind = trouble?.kind === 'RateLimited' ? 'RateLimited' : 'PolyAiUnavailable';
    const why = trouble
      ? `requests are slowed down (${trouble.message})`
      : 'the worker’s own limit of requests held it back';
    return new PolyAiError(`not sent within ${Math.round(waitedMs)} ms: ${why}`, { kind, notSent: true });
  }
}

function closedError(): PolyAiError {
  return new PolyAiError('the PolyAI client is closed', { kind: 'PolyAiUnavailable' });
}

/** A place in a `WaitQueue`. */
export interface Place<T> {
  readonly value: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
  isTaken: boolean;
}

/** First in, first out; whoever waits can leave from any place. Every operation takes the same short time. */
export class WaitQueue<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  join(value: T): Place<T> {
    const place: Place<T> = { value, before: this.#last, after: undefined, isTaken: true };
    if (this.#last) this.#last.after = place;
    else this.#first = place;
    this.#last = place;
    return place;
  }

  /** Takes a place out of the queue; does nothing when it is out already. */
  leave(place: Place<T>): void {
    if (!place.isTaken) return;
    place.isTaken = false;
    if (place.before) place.before.after = place.after;
    else this.#first = place.after;
    if (place.after) place.after.before = place.before;
    else this.#last = place.before;
  }

  /** Takes out whoever has waited longest. */
  shift(): T | undefined {
    const first = this.#first;
    if (first) this.leave(first);
    return first?.value;
  }
}
