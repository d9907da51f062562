import { vi } from 'vitest';

import type { Verdict } from '../../../src/polyai/aimd.js';
import { type GateOptions, RequestGate } from '../../../src/polyai/limiter.js';
import { SharedSleeps } from './shared-sleeps.js';

/** How the API takes a request at this moment of the fake clock. */
export type Api = (second: number) => { readonly verdict: Verdict; readonly latencyMs: number };

export interface FleetOptions extends Partial<GateOptions> {
  readonly calls: number;
  readonly api: Api;
}

const INTERVAL_MS = 3_000;

/** Many calls that poll through one gate, in fake time: each 3 s when all is well, after 1 s to 30 s when it is not. */
export class Fleet {
  readonly gate: RequestGate;
  /** Requests sent in each second, and those of them that the API was fine with. */
  readonly sent: number[] = [];
  readonly good: number[] = [];
  /** When each call had its last good answer, in seconds. */
  readonly lastGood: number[];
  /** Whether the calls ask for nothing. */
  isPaused = false;
  #random = 1;
  readonly #sleeps = new SharedSleeps();
  readonly #startedAt = performance.now();

  constructor(private readonly options: FleetOptions) {
    const { maxConcurrentRequests = 128, maxRequestsPerSecond = Infinity, calls } = options;
    this.gate = new RequestGate({ maxConcurrentRequests, maxRequestsPerSecond });
    this.lastGood = Array.from({ length: calls }, () => -1);
    for (let call = 0; call < calls; call += 1) void this.#poll(call);
  }

  get second(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }

  async runTo(second: number): Promise<void> {
    await vi.advanceTimersByTimeAsync((second - this.second) * 1_000);
  }

  /** Requests sent from one second to another. */
  sentBetween(from: number, to: number): number {
    return this.sent.slice(from, to).reduce((sum, count) => sum + (count || 0), 0);
  }

  goodBetween(from: number, to: number): number {
    return this.good.slice(from, to).reduce((sum, count) => sum + (count || 0), 0);
  }

  /** Calls that had a good answer since then. */
  servedSince(second: number): number {
    return this.lastGood.filter((at) => at >= second).length;
  }

  async #poll(call: number): Promise<never> {
    await this.#sleeps.about(this.#draw() * INTERVAL_MS);
    for (let failures = 0; ;) {
      while (this.isPaused) await this.#sleeps.about(INTERVAL_MS);
      const waiting = this.gate.enter({});
      if (waiting) await waiting;
      failures = (await this.#ask(call)) === 'up' ? 0 : failures + 1;
      this.gate.leave();
      const backoffMs = Math.min(30_000, 500 * 2 ** failures);
      await this.#sleeps.about((failures === 0 ? INTERVAL_MS : backoffMs) * (0.8 + 0.4 * this.#draw()));
    }
  }

  async #ask(call: number): Promise<Verdict> {
    const sentAtMs = performance.now();
    const { verdict, latencyMs } = this.options.api(this.second);
    count(this.sent, this.second);
    await this.#sleeps.exactly(latencyMs);
    if (verdict === 'up') {
      count(this.good, this.second);
      this.lastGood[call] = this.second;
    }
    const kind = verdict === 'limited' ? 'RateLimited' : 'PolyAiUnavailable';
    this.gate.heard({ verdict, caller: `OUT-${call}`, sentAtMs, trouble: { kind, message: 'trouble' } });
    return verdict;
  }

  #draw(): number {
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return this.#random / 2_147_483_648;
  }
}

function count(counts: number[], second: number): void {
  const index = Math.floor(second);
  counts[index] = (counts[index] ?? 0) + 1;
}
