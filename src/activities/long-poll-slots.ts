import type { PollReport } from '../contract/get-status.js';
import type { LongPoll } from './long-poll.js';

interface RunningLongPoll {
  readonly longPoll: LongPoll;
  readonly ended: Promise<void>;
}

/** The long polls that a worker runs, oldest first. Beyond the limit it evicts the oldest, so that waiting calls get a slot. */
export class LongPollSlots {
  readonly #running = new Set<LongPoll>();
  readonly #byCall = new Map<string, RunningLongPoll>();

  constructor(private readonly limit: number) {}

  /**
   * Runs a long poll until it ends.
   *
   * @param key the monitor's run and the call
   */
  async run(key: string, longPoll: LongPoll): Promise<void> {
    this.#running.add(longPoll);
    const running = { longPoll, ended: longPoll.run(() => this.#evict()) };
    this.#byCall.set(key, running);
    this.#evict();
    try {
      await running.ended;
    } finally {
      this.#running.delete(longPoll);
      if (this.#byCall.get(key) === running) this.#byCall.delete(key);
    }
  }

  /**
   * Ends the long poll that the monitor has abandoned, because another `getStatus` of the same run and call has begun. By
   * itself it would notice its cancellation with its next heartbeat only.
   *
   * @returns what the monitor did not know and has now been told
   */
  async supersede(key: string): Promise<PollReport | undefined> {
    const running = this.#byCall.get(key);
    if (!running) return undefined;
    running.longPoll.end('superseded');
    await running.ended.catch(() => undefined);
    return running.longPoll.lastReport;
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
