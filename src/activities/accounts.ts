import { ApplicationFailure, type Logger } from '@temporalio/common';

import type { GetStatusFailureDetails, PollProgress } from '../contract/get-status.js';
import type { TokenRejection } from '../polyai/auth-circuit.js';
import type { PolyAiClient } from '../polyai/client.js';
import type { Throttling } from '../polyai/limiter.js';
import { knowledgeOf } from './failures.js';

/** Of a `PolyAiClient`, what `getStatus` needs. */
export type StatusSource = Pick<PolyAiClient, 'getCallStatus'> &
  Partial<Pick<PolyAiClient, 'throttling' | 'tokenRejection'>>;

/** The accounts that a worker serves. At least one. */
export interface AccountClients {
  /** For monitors that name no account. */
  readonly polyAi?: StatusSource | undefined;
  /** For monitors that name theirs in `account`. */
  readonly accounts?: Readonly<Record<string, StatusSource>> | undefined;
}

/** One account on this worker. */
export class ServedAccount {
  readonly #slowdowns: SlowdownLog;
  readonly #refusals: RefusalLog;

  constructor(
    readonly polyAi: StatusSource,
    name?: string,
  ) {
    this.#slowdowns = new SlowdownLog(name);
    this.#refusals = new RefusalLog(name);
  }

  /** Logs what has changed for all calls of the account. */
  note(log: Logger): void {
    this.#slowdowns.note(this.polyAi.throttling, log);
    this.#refusals.note(this.polyAi.tokenRejection, log);
  }
}

/** The accounts of a worker, by the names that monitors choose them by. */
export class ServedAccounts {
  readonly #default: ServedAccount | undefined;
  readonly #named: ReadonlyMap<string, ServedAccount>;

  /** @throws {TypeError} when there is no account at all */
  constructor({ polyAi, accounts = {} }: AccountClients) {
    this.#default = polyAi && new ServedAccount(polyAi);
    this.#named = new Map(Object.entries(accounts).map(([name, client]) => [name, new ServedAccount(client, name)]));
    if (!polyAi && this.#named.size === 0) throw new TypeError('polyAi, accounts or both must be given');
  }

  /**
   * @param name none for the default account
   * @param isKnownCall whether a worker has had an answer for the call, so that another one may know the account
   * @throws ApplicationFailure `InvalidInput`, retryable for a call that is known
   */
  find(name: string | undefined, isKnownCall: boolean, knowledge: AccountSeeker): ServedAccount {
    const account = name === undefined ? this.#default : this.#named.get(name);
    if (account) return account;
    throw ApplicationFailure.create({
      type: 'InvalidInput',
      message: `${this.#lack(name)} ${this.#served()}`,
      nonRetryable: !isKnownCall,
      details: [detailsOf(knowledge)],
    });
  }

  #lack(name: string | undefined): string {
    if (name === undefined) return 'account must be given: this worker has no default account.';
    return `account "${name}" is not known to this worker.`;
  }

  #served(): string {
    const names = [...this.#named.keys()].sort().map((name) => `"${name}"`);
    return `It serves ${[...(this.#default ? ['the default account'] : []), ...names].join(', ')}.`;
  }
}

/** What the `getStatus` that asks for an account knows. */
type AccountSeeker = PollProgress & Pick<GetStatusFailureDetails, 'outcomeStore' | 'alarmAttribute'>;

function detailsOf({ outcomeStore, alarmAttribute, ...progress }: AccountSeeker): GetStatusFailureDetails {
  return { ...knowledgeOf(progress), ...(outcomeStore && { outcomeStore }), ...(alarmAttribute && { alarmAttribute }) };
}

/** Tells the operator, once each, when an account's token is refused to all calls and when it works again. */
export class RefusalLog {
  #since: string | undefined;

  /** @param account its name; none for the default account */
  constructor(private readonly account?: string) {}

  note(refusal: TokenRejection | undefined, log: Logger): void {
    if (refusal?.since === this.#since) return;
    const refusedSince = this.#since;
    this.#since = refusal?.since;
    const named = this.account === undefined ? {} : { account: this.account };
    if (refusal)
      log.warn('PolyAI refuses the token: renew it; live calls are held meanwhile', { ...named, ...refusal });
    else log.info('PolyAI takes the token again: live calls go on', { ...named, refusedSince });
  }
}

/** Tells the operator, once each, when the requests of a worker are slowed down and when they are not any more. */
export class SlowdownLog {
  #since: string | undefined;

  /** @param account its name; none for the default account */
  constructor(private readonly account?: string) {}

  note(slowdown: Throttling | undefined, log: Logger): void {
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
