import type { Logger } from '@temporalio/common';

import type { TokenRefusal } from '../polyai/auth-circuit.js';

/** Tells the operator, once each, when an account's token is refused to all calls and when it works again. */
export class RefusalLog {
  #since: string | undefined;

  /** @param account its name; none for the default account */
  constructor(private readonly account?: string) {}

  note(refusal: TokenRefusal | undefined, log: Logger): void {
    if (refusal?.since === this.#since) return;
    const refusedSince = this.#since;
    this.#since = refusal?.since;
    const named = this.account === undefined ? {} : { account: this.account };
    if (refusal)
      log.warn('PolyAI refuses the token: renew it; live calls are held meanwhile', { ...named, ...refusal });
    else log.info('PolyAI takes the token again: live calls go on', { ...named, refusedSince });
  }
}
