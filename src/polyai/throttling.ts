import { AimdRate, type CompletedRequest } from './aimd.js';
import type { ResponseClass } from './error-window.js';
import type { PolyAiError, PolyAiErrorKind } from './errors.js';

/** Requests are throttled because the API responds with 429 or fails for nearly all calls. */
export interface Throttling {
  /** The current limit. */
  readonly requestsPerSecond: number;
  /** The kind of the latest failure: `RateLimited`, `PolyAiUnavailable` or `InvalidResponse`. */
  readonly cause: PolyAiErrorKind;
  /** The message of the latest failure; contains neither token nor phone number. */
  readonly message: string;
  /** When the throttling started. ISO 8601 UTC. */
  readonly since: string;
}

/** A request that has ended, as the limiter knows it. */
interface LimitedRequest extends Omit<CompletedRequest, 'responseClass'> {
  /** Absent when the request succeeded. */
  readonly error?: PolyAiError | undefined;
}

/** The AIMD rate, and why it limits requests. */
export class ThrottledRate {
  readonly #aimdRate = new AimdRate(performance.now());
  #reason: Omit<Throttling, 'requestsPerSecond'> | undefined;

  /** Requests per second; `Infinity` while nothing is throttled. */
  get limit(): number {
    return this.#aimdRate.limit;
  }

  get throttling(): Throttling | undefined {
    const requestsPerSecond = Math.round(this.limit * 10) / 10;
    return this.#reason && { requestsPerSecond, ...this.#reason };
  }

  recordSent(nowMs: number): void {
    this.#aimdRate.recordSent(nowMs);
    this.#forgetReason();
  }

  recordCompleted({ error, ...request }: LimitedRequest): void {
    const isDecreased = this.#aimdRate.recordCompleted({ ...request, responseClass: classifyResponse(error) });
    if (isDecreased && error) {
      const since = this.#reason?.since ?? new Date().toISOString();
      this.#reason = { cause: error.kind, message: error.message, since };
    }
    this.#forgetReason();
  }

  #forgetReason(): void {
    if (this.limit === Infinity) this.#reason = undefined;
  }
}

/** An error of the request itself, such as 404, counts as `ok`: the API is available. */
export function classifyResponse(error: PolyAiError | undefined): ResponseClass {
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
