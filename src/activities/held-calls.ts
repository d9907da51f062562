import type { HoldProgress } from '../contract/index.js';
import type { HeldCall } from './held-call.js';

/** The calls that a worker holds, by the run of their monitor. */
export class HeldCalls {
  readonly #held = new Map<string, HeldCall>();

  /** @param limit beyond which the longest held ones make room, so that calls that wait for a slot get one */
  constructor(private readonly limit: number) {}

  /**
   * Ends the hold of a monitor that has begun another `getStatus`: the server has cancelled it, which it would hear with
   * its next heartbeat only.
   *
   * @returns what it has seen
   */
  takeOver(runId: string | undefined): HoldProgress | undefined {
    const held = runId === undefined ? undefined : this.#held.get(runId);
    held?.end('superseded');
    return held?.record.progress;
  }

  /** Holds a call until it is done. */
  async run(runId: string, call: HeldCall): Promise<void> {
    this.#held.set(runId, call);
    this.#makeRoom();
    try {
      await call.run();
    } finally {
      if (this.#held.get(runId) === call) this.#held.delete(runId);
    }
  }

  #makeRoom(): void {
    let excess = this.#held.size - this.limit;
    for (const call of this.#held.values()) {
      if (excess <= 0) return;
      if (call.endedBy === undefined && !call.record.observation) continue;
      if (call.endedBy === undefined) call.end('made room');
      excess -= 1;
    }
  }
}
