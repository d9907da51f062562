import type { Fault } from './fault.js';

/** Faults that are used up one by one, each as often as its `times` says. */
export class FaultQueue {
  readonly #faults: { readonly fault: Fault; left: number }[];

  constructor(faults: readonly Fault[], defaultTimes = 1) {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? defaultTimes }));
  }

  /** The fault of the next request, or `undefined` when all are used up. */
  take(): Fault | undefined {
    const next = this.#faults.find(({ left }) => left > 0);
    if (next) next.left -= 1;
    return next?.fault;
  }
}
