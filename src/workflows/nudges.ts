import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

import { MAX_REQUEST_TIMEOUT_MS } from '../contract/pacing.js';

/** How long a new poll is protected from nudges: its request is probably in flight, not backing off. */
const PROTECTED_MS = 1_000;

interface InterruptiblePoll {
  readonly scope: CancellationScope;
  /** Before this time a nudge does not interrupt the poll. */
  readonly protectedUntilMs: number;
}

/** The nudges of one monitor: each ends a wait or interrupts the poll that is under way. */
export class Nudges {
  #isPending = false;
  #poll: InterruptiblePoll | undefined;

  /** A nudge has come since the last `clear`. */
  get isPending(): boolean {
    return this.#isPending;
  }

  clear(): void {
    this.#isPending = false;
  }

  receive(): void {
    const poll = this.#poll;
    if (this.#isPending) return;
    this.#isPending = true;
    if (!poll) return;
    const interrupt = (): void => poll.scope.cancel();
    const protectedMs = poll.protectedUntilMs - Date.now();
    if (protectedMs <= 0) return interrupt();
    // The timer is cancelled with the poll's scope, so it never interrupts a later poll.
    void poll.scope
      .run(() => sleep(protectedMs, { summary: 'nudged: time for the current poll to complete' }))
      .then(interrupt, () => undefined);
  }

  /**
   * Runs a poll that a nudge may interrupt. The one after an interruption is protected for as long as a slow answer may take.
   *
   * @throws CancelledFailure if the monitor is cancelled
   */
  async runInterruptibly<T>(poll: () => Promise<T>, followsInterruption: boolean): Promise<T | 'interrupted'> {
    const scope = new CancellationScope();
    const protectedMs = followsInterruption ? MAX_REQUEST_TIMEOUT_MS : PROTECTED_MS;
    this.#poll = { scope, protectedUntilMs: Date.now() + protectedMs };
    try {
      return await scope.run(poll);
    } catch (error) {
      const isMonitorCancelled = CancellationScope.current().consideredCancelled;
      if (!isCancellation(error) || isMonitorCancelled) throw error;
      return 'interrupted';
    } finally {
      this.#poll = undefined;
      scope.cancel();
    }
  }
}
