import { AuthCircuitBreaker } from '../../../src/polyai/auth-circuit.js';
import { seededRandom, sleep, VirtualTime } from './virtual-time.js';

export interface MonitorsOptions {
  readonly calls: number;
  /** How long the API takes to answer. */
  readonly latencyMs: number;
  /** How many of the calls belong to another account: the API always rejects them. */
  readonly foreignCalls?: number;
}

/** Monitors behind one circuit in virtual time: each polls every 3 s, and every 30 s while the token is rejected. */
export class MonitorsBehindCircuit {
  readonly time = new VirtualTime();
  readonly circuit = new AuthCircuitBreaker();
  /** The token that requests carry, and the one that the API accepts. */
  token = 'old';
  acceptedToken = 'old';
  rejectsAll = false;
  sent = 0;
  rejections = 0;
  /** When each call had its last success. */
  readonly #lastSuccess = new Map<number, number>();
  readonly #draw = seededRandom();

  constructor(private readonly options: MonitorsOptions) {
    for (let call = 0; call < options.calls; call += 1) void this.#monitor(call);
  }

  callsServedSince(atMs: number): number {
    return [...this.#lastSuccess.values()].filter((at) => at >= atMs).length;
  }

  async #monitor(call: number): Promise<never> {
    // Foreign calls start later, when the account's own calls are known.
    await sleep((this.#isForeign(call) ? 5_000 : 0) + this.#draw() * 3_000);
    for (;;) {
      const isSuccess = await this.#poll(call);
      await sleep((isSuccess ? 3_000 : 30_000) * (0.8 + 0.4 * this.#draw()));
    }
  }

  async #poll(call: number): Promise<boolean> {
    const { token, circuit, options } = this;
    if (circuit.rejection(token)) return false;
    circuit.acquire(token);
    this.sent += 1;
    const sentAtMs = performance.now();
    const isAccepted = !this.rejectsAll && token === this.acceptedToken && !this.#isForeign(call);
    await sleep(options.latencyMs);
    if (isAccepted) {
      this.#lastSuccess.set(call, Date.now());
      circuit.recordSuccess(`OUT-${call}`, sentAtMs);
    } else {
      this.rejections += 1;
      circuit.recordRejection({ callSid: `OUT-${call}`, token, sentAtMs, message: 'PolyAI answered 401' });
    }
    return isAccepted;
  }

  #isForeign(call: number): boolean {
    return call < (this.options.foreignCalls ?? 0);
  }
}
