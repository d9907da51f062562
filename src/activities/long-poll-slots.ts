import type { LongPoll } from './long-poll.js';

/** With more long polls than this, extra heartbeats for changes would cost the server as much as the calls' own events. */
const HEARTBEAT_LIMIT = 500;

/** The long polls that a worker runs, oldest first. Beyond the limit it evicts the oldest, so that waiting calls get a slot. */
export class LongPollSlots {
  readonly #running = new Set<LongPoll>();

  constructor(private readonly limit: number) {}

  /** Whether changes wait for the regular heartbeat. */
  get isAboveHeartbeatLimit(): boolean {
    return this.#running.size > HEARTBEAT_LIMIT;
  }

  /** Runs a long poll until it ends. */
  async run(longPoll: LongPoll): Promise<void> {
    this.#running.add(longPoll);
    this.#evict();
    try {
      await longPoll.run(() => this.#evict());
    } finally {
      this.#running.delete(longPoll);
    }
  }

  /** A long poll that has not observed its call stays: it has nothing to return. */
  #evict(): void {
    for (const longPoll of this.#running) {
      if (this.#running.size <= this.limit) return;
      if (!longPoll.hasObserved) continue;
      longPoll.end('evicted');
      this.#running.delete(longPoll);
    }
  }
}
