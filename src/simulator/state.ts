import type { CallRegistry } from './calls.js';
import type { SimulatorClock } from './clock.js';
import type { Fault, FaultQueue, TriggerFault } from './faults.js';
import type { RequestLog } from './request-log.js';
import type { CallScript } from './script.js';

/** A call that the simulator has dialled. */
export interface DialledCall {
  /** As it was dialled. */
  readonly toNumber: string;
  readonly callSid: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In real time. Epoch milliseconds. */
  readonly dialledAt: number;
}

/** What the simulator remembers from one request to the next. */
export interface SimulatorState {
  readonly clock: SimulatorClock;
  readonly syncClock: () => Promise<void>;
  readonly token: AccessToken;
  readonly calls: CallRegistry;
  readonly log: RequestLog;
  readonly drawRandomFault: () => Fault | undefined;
  readonly scriptFor: (toNumber: string) => CallScript;
  globalFault: FaultQueue;
  readonly ledger: DialledCall[];
  triggerFault: TriggerFault | undefined;
}

/** The token of every simulator that is not given another. Not a secret: it opens nothing but simulators. */
export const DEFAULT_SIMULATOR_TOKEN = 'simulator-token';

/** The one token that the simulator accepts, until it expires. */
export class AccessToken {
  #token: string;
  #expired = false;

  constructor(token: string) {
    this.#token = token;
  }

  get value(): string {
    return this.#token;
  }

  replace(token: string): void {
    this.#token = token;
    this.#expired = false;
  }

  expire(): void {
    this.#expired = true;
  }

  accepts(token: unknown): boolean {
    return !this.#expired && token === this.#token;
  }
}
