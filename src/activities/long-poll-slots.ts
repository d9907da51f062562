import type { HeldCall } from './long-poll.js';

/** With more calls than this, news of each would load the server as much as their beginnings and ends do. */
const CROWD = 500;

/** The calls that a worker holds, the longest held first. */
export class HeldCalls {
  readonly #held = new Set<HeldCall>();

  /** @param limit beyond which the longest held make room, so that calls that wait for a slot get one */
  constructor(private readonly limit: number) {}

  get isCrowded(): boolean {
    return this.#held.size > CROWD;
  }

  /** Holds a call until it is done. */
  async run(call: HeldCall): Promise<void> {
    this.#held.add(call);
    this.#makeRoom();
    try {
      await call.run(() => this.#makeRoom());
    } finally {
      this.#held.delete(call);
    }
  }

  /** Only calls that have been answered return: of the others there is nothing to tell. */
  #makeRoom(): void {
    if (this.#held.size <= this.limit) return;
    for (const call of this.#held) {
      if (!call.hasAnswer) continue;
      call.end('made room');
      this.#held.delete(call);
      if (this.#held.size <= this.limit) return;
    }
  }
}
