import { callStatusAt, type StatusBody } from './call-status-at.js';
import type { CallScript } from './call-script.js';
import type { Fault } from './fault.js';
import { FaultQueue } from './fault-queue.js';
import type { SimulatorClock } from './simulator-clock.js';

interface RegisteredCall {
  readonly script: CallScript;
  readonly bornAt: number;
  readonly faults: FaultQueue;
}

/** The calls that the simulator has, each living by its script. */
export class CallRegistry {
  readonly #calls = new Map<string, RegisteredCall>();
  readonly #clock: SimulatorClock;

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Begins a call's life now, by the simulator's clock. A call of the same SID is replaced. */
  add(callSid: string, script: CallScript): void {
    this.#calls.set(callSid, { script, bornAt: this.#clock.now(), faults: new FaultQueue(script.faults ?? []) });
  }

  /** What the API says of the call now; `undefined` when it knows no such call. */
  statusOf(callSid: string): StatusBody | undefined {
    const call = this.#calls.get(callSid);
    return call && callStatusAt(call.script, Math.max(0, this.#clock.now() - call.bornAt));
  }

  /** Uses up the call's next scripted fault. */
  takeFault(callSid: string): Fault | undefined {
    return this.#calls.get(callSid)?.faults.take();
  }
}
