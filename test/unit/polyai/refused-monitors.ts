import { RefusalCircuit } from '../../../src/polyai/auth-circuit.js';
import { SharedSleeps } from './shared-sleeps.js';

export interface RefusedMonitorsOptions {
  readonly calls: number;
  /** How long the API takes to answer. */
  readonly latencyMs: number;
  /** Calls of another account among them: the API refuses them always. */
  readonly strangers?: number;
}

/** Monitors behind one circuit, in fake time: each polls every 3 s, and every 30 s while the token is refused. */
export class RefusedMonitors {
  readonly circuit = new RefusalCircuit();
  /** What requests carry, and what the API takes. */
  token = 'old';
  accepted = 'old';
  isRefused = false;
  sent = 0;
  refusals = 0;
  readonly #sleeps = new SharedSleeps();
  /** When each call had its last good answer. */
  readonly #lastGood: number[] = [];

  constructor(private readonly options: RefusedMonitorsOptions) {
    for (let call = 0; call < options.calls; call += 1) void this.#monitor(call);
  }

  servedSince(atMs: number): number {
    return this.#lastGood.filter((good) => good >= atMs).length;
  }

  async #monitor(call: number): Promise<never> {
    // Strangers come later: those of the account itself are known by then.
    await this.#sleeps.about((this.#isStranger(call) ? 5_000 : 0) + Math.random() * 3_000);
    for (;;) {
      const isGood = await this.#ask(call);
      await this.#sleeps.about((isGood ? 3_000 : 30_000) * (0.8 + 0.4 * Math.random()));
    }
  }

  async #ask(call: number): Promise<boolean> {
    const { token, circuit, options } = this;
    if (circuit.objection(token)) return false;
    circuit.admit(token);
    this.sent += 1;
    const sentAtMs = performance.now();
    const isTaken = !this.isRefused && token === this.accepted && !this.#isStranger(call);
    await this.#sleeps.exactly(options.latencyMs);
    if (isTaken) {
      this.#lastGood[call] = Date.now();
      circuit.accepted(`OUT-${call}`, sentAtMs);
    } else {
      this.refusals += 1;
      circuit.refused({ callSid: `OUT-${call}`, token, sentAtMs, message: 'PolyAI answered 401' });
    }
    return isTaken;
  }

  #isStranger(call: number): boolean {
    return call < (this.options.strangers ?? 0);
  }
}
