import type { PollReport } from '../contract/get-status.js';

/** One attempt of `getStatus`, as the `getStatus` that follows it sees it. */
interface SupersedablePoll {
  /**
   * Ends it, if it is a long poll that runs, and tells the monitor what it has learned.
   *
   * @returns what the monitor did not know and has now been told
   */
  supersede(): Promise<PollReport | undefined>;
}

/** Longer than it takes to start the `getStatus` after a nudge, and than the backoff in which the nudge may have come. */
const REMEMBERED_MS = 60_000;

/**
 * The latest attempt of `getStatus` of each call and run in this process. A monitor that abandons a `getStatus` receives neither
 * its result nor its failure, not even if it ends at the same moment. The next `getStatus` makes up for it.
 */
export class LatestPolls {
  readonly #running = new Map<string, SupersedablePoll>();
  /** In the order in which they ended, by `performance.now()`. */
  readonly #ended = new Map<string, { readonly poll: SupersedablePoll; readonly atMs: number }>();

  /**
   * An attempt begins. It supersedes the one before it, which would otherwise notice its cancellation with its next heartbeat only.
   *
   * @param call the monitor's run and the call
   * @param followsAbandoned whether the monitor has abandoned the `getStatus` before it, which may have ended
   * @returns what the monitor did not know of that one and has now been told
   */
  async begin(call: string, poll: SupersedablePoll, followsAbandoned: boolean): Promise<PollReport | undefined> {
    const ended = followsAbandoned ? this.#ended.get(call)?.poll : undefined;
    const superseded = this.#running.get(call) ?? ended;
    this.#ended.delete(call);
    this.#running.set(call, poll);
    return await superseded?.supersede();
  }

  /** An attempt has ended. */
  end(call: string, poll: SupersedablePoll): void {
    if (this.#running.get(call) !== poll) return;
    const nowMs = performance.now();
    this.#running.delete(call);
    this.#ended.set(call, { poll, atMs: nowMs });
    this.#forget(nowMs - REMEMBERED_MS);
  }

  #forget(beforeMs: number): void {
    for (const [call, { atMs }] of this.#ended) {
      if (atMs > beforeMs) return;
      this.#ended.delete(call);
    }
  }
}
