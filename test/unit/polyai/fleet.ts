import { PolyAiError } from '../../../src/polyai/errors.js';
import { type Permit, RequestLimiter, type RequestLimits } from '../../../src/polyai/limiter.js';
import type { ResponseClass } from '../../../src/polyai/error-window.js';
import { seededRandom, sleep, VirtualTime } from './virtual-time.js';

/** How the API answers a request for this call at this second of the virtual time. */
export type Api = (
  second: number,
  call: number,
) => { readonly responseClass: ResponseClass; readonly latencyMs: number };

export interface FleetOptions extends Partial<RequestLimits> {
  readonly calls: number;
  readonly api: Api;
}

const INTERVAL_MS = 3_000;
const ERRORS = {
  ok: undefined,
  'rate-limited': new PolyAiError('trouble', { kind: 'RateLimited' }),
  error: new PolyAiError('trouble', { kind: 'PolyAiUnavailable' }),
};

/** Many calls that poll through one limiter in virtual time: every 3 s, with a backoff of 1 s to 30 s after failures. */
export class Fleet {
  readonly time = new VirtualTime();
  readonly limiter: RequestLimiter;
  /** Whether the calls pause polling. */
  isPaused = false;
  /** Requests sent in each second, and those of them that succeeded. */
  readonly #sent: number[] = [];
  readonly #succeeded: number[] = [];
  /** The seconds of each call's successes, and of its failures. */
  readonly #successes = new Map<number, number[]>();
  readonly #failures = new Map<number, number[]>();
  readonly #draw = seededRandom();

  constructor(private readonly options: FleetOptions) {
    const { maxConcurrentRequests = 128, maxRequestsPerSecond = Infinity, calls } = options;
    this.limiter = new RequestLimiter({ maxConcurrentRequests, maxRequestsPerSecond });
    for (let call = 0; call < calls; call += 1) this.add(call);
  }

  /** Another call that polls at the interval. */
  add(call: number): void {
    void this.#poll(call);
  }

  async runTo(second: number): Promise<void> {
    await this.time.advance(second * 1_000 - performance.now());
  }

  /** Requests sent from one second to another. */
  sentBetween(from: number, to: number): number {
    return sumOf(this.#sent.slice(from, to));
  }

  succeededBetween(from: number, to: number): number {
    return sumOf(this.#succeeded.slice(from, to));
  }

  /** Calls that had a success since then. */
  callsServedSince(second: number): number {
    return [...this.#successes.values()].filter((seconds) => seconds.at(-1)! >= second).length;
  }

  /** The longest time in seconds that one of these calls was without a success from one second to another. */
  longestGap(calls: readonly number[], from: number, to: number): number {
    const gaps = calls.flatMap((call) => {
      const seconds = (this.#successes.get(call) ?? []).filter((second) => second >= from && second < to);
      return [...seconds, to].map((second, index) => second - (seconds[index - 1] ?? from));
    });
    return Math.max(...gaps);
  }

  /** Responses to the requests of a call so far. */
  responsesFor(call: number): number {
    return (this.#successes.get(call)?.length ?? 0) + (this.#failures.get(call)?.length ?? 0);
  }

  /** Failed requests for each call from one second to another. */
  failuresBetween(call: number, from: number, to: number): number {
    return (this.#failures.get(call) ?? []).filter((second) => second >= from && second < to).length;
  }

  /**
   * Single polls of a call, as a monitor makes them after a nudge: an attempt that is not sent within 4 s fails, and Temporal starts
   * the next one after the backoff.
   *
   * @returns the seconds until the response
   */
  async pollUrgently(call: number): Promise<number> {
    const startedAtMs = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const permit = await this.limiter.acquire({ subject: `OUT-${call}`, maxWaitMs: 4_000, urgent: true });
        await this.#request(call, permit);
        this.limiter.release(permit);
        return (performance.now() - startedAtMs) / 1_000;
      } catch {
        await sleep(Math.min(30_000, 500 * 2 ** attempt));
      }
    }
  }

  async #poll(call: number): Promise<never> {
    await sleep(this.#draw() * INTERVAL_MS);
    for (let failures = 0; ;) {
      while (this.isPaused) await sleep(INTERVAL_MS);
      const permit = await this.limiter.acquire({ subject: `OUT-${call}` });
      failures = (await this.#request(call, permit)) === 'ok' ? 0 : failures + 1;
      this.limiter.release(permit);
      const backoffMs = Math.min(30_000, 500 * 2 ** failures);
      await sleep((failures === 0 ? INTERVAL_MS : backoffMs) * (0.8 + 0.4 * this.#draw()));
    }
  }

  async #request(call: number, permit: Permit): Promise<ResponseClass> {
    const sentAtMs = performance.now();
    const { responseClass, latencyMs } = this.options.api(sentAtMs / 1_000, call);
    count(this.#sent, sentAtMs / 1_000);
    await sleep(latencyMs);
    const second = performance.now() / 1_000;
    if (responseClass === 'ok') count(this.#succeeded, second);
    append(responseClass === 'ok' ? this.#successes : this.#failures, call, second);
    const error = ERRORS[responseClass];
    this.limiter.record(permit, { sentAtMs, ...(error && { error }) });
    return responseClass;
  }
}

function count(counts: number[], second: number): void {
  const index = Math.floor(second);
  counts[index] = (counts[index] ?? 0) + 1;
}

function append(secondsOf: Map<number, number[]>, call: number, second: number): void {
  const seconds = secondsOf.get(call) ?? [];
  secondsOf.set(call, seconds);
  seconds.push(second);
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, next) => sum + next, 0);
}
