import { PolyAiError } from '../../../src/polyai/errors.js';
import { RequestLimiter, type RequestLimits } from '../../../src/polyai/limiter.js';
import type { ResponseClass } from '../../../src/polyai/error-window.js';
import { sleep, VirtualTime } from './virtual-time.js';

/** How the API answers a request at this second of the virtual time. */
export type Api = (second: number) => { readonly responseClass: ResponseClass; readonly latencyMs: number };

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
  /** The second of each call's last success. */
  readonly #lastSuccess = new Map<number, number>();
  #random = 1;

  constructor(private readonly options: FleetOptions) {
    const { maxConcurrentRequests = 128, maxRequestsPerSecond = Infinity, calls } = options;
    this.limiter = new RequestLimiter({ maxConcurrentRequests, maxRequestsPerSecond });
    for (let call = 0; call < calls; call += 1) void this.#poll(call);
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
    return [...this.#lastSuccess.values()].filter((at) => at >= second).length;
  }

  async #poll(call: number): Promise<never> {
    await sleep(this.#draw() * INTERVAL_MS);
    for (let failures = 0; ;) {
      while (this.isPaused) await sleep(INTERVAL_MS);
      const waiting = this.limiter.acquire({});
      if (waiting) await waiting;
      failures = (await this.#request(call)) === 'ok' ? 0 : failures + 1;
      this.limiter.release();
      const backoffMs = Math.min(30_000, 500 * 2 ** failures);
      await sleep((failures === 0 ? INTERVAL_MS : backoffMs) * (0.8 + 0.4 * this.#draw()));
    }
  }

  async #request(call: number): Promise<ResponseClass> {
    const sentAtMs = performance.now();
    const { responseClass, latencyMs } = this.options.api(sentAtMs / 1_000);
    count(this.#sent, sentAtMs / 1_000);
    await sleep(latencyMs);
    const second = performance.now() / 1_000;
    if (responseClass === 'ok') {
      count(this.#succeeded, second);
      this.#lastSuccess.set(call, second);
    }
    const error = ERRORS[responseClass];
    this.limiter.record({ subject: `OUT-${call}`, sentAtMs, ...(error && { error }) });
    return responseClass;
  }

  /** The same random numbers in each run. */
  #draw(): number {
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return this.#random / 2_147_483_648;
  }
}

function count(counts: number[], second: number): void {
  const index = Math.floor(second);
  counts[index] = (counts[index] ?? 0) + 1;
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, next) => sum + next, 0);
}
