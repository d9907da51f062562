import type { Logger } from '@temporalio/common';

import type { Slowdown } from '../polyai/index.js';

/** Tells the operator, once each, when the requests of a worker are slowed down and when they are not any more. */
export class SlowdownLog {
  #since: string | undefined;

  note(slowdown: Slowdown | undefined, log: Logger): void {
    if (slowdown?.since === this.#since) return;
    this.#since = slowdown?.since;
    if (!slowdown) {
      log.info('PolyAI answers again: requests are no longer slowed down');
      return;
    }
    const { cause, message, requestsPerSecond } = slowdown;
    log.warn('PolyAI fails widely: requests are slowed down', { cause, message, requestsPerSecond });
  }
}
