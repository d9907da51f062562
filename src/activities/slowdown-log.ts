import type { Logger } from '@temporalio/common';

import type { Slowdown } from '../polyai/limiter.js';

/** Tells the operator, once each, when the requests of a worker are slowed down and when they are not any more. */
export class SlowdownLog {
  #since: string | undefined;

  /** @param account its name; none for the default account */
  constructor(private readonly account?: string) {}

  note(slowdown: Slowdown | undefined, log: Logger): void {
    if (slowdown?.since === this.#since) return;
    this.#since = slowdown?.since;
    const named = this.account === undefined ? {} : { account: this.account };
    if (!slowdown) {
      log.info('PolyAI answers again: requests are no longer slowed down', named);
      return;
    }
    const { cause, message, requestsPerSecond } = slowdown;
    log.warn('PolyAI fails widely: requests are slowed down', { ...named, cause, message, requestsPerSecond });
  }
}
