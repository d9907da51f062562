import { ApplicationFailure, type Logger } from '@temporalio/common';

import type { HoldProgress } from '../contract/get-status.js';
import type { PolyAiClient } from '../polyai/client.js';
import { RefusalLog } from './refusal-log.js';
import { SlowdownLog } from './slowdown-log.js';
import { type GetStatusFailureDetails, knowledgeOf } from './to-application-failure.js';

/** Of a `PolyAiClient`, what `getStatus` needs. */
export type StatusSource = Pick<PolyAiClient, 'getCallStatus'> & Partial<Pick<PolyAiClient, 'slowdown' | 'refusal'>>;

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
    this.#slowdowns.note(this.polyAi.slowdown, log);
    this.#refusals.note(this.polyAi.refusal, log);
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
type AccountSeeker = HoldProgress & Pick<GetStatusFailureDetails, 'outcomeStore' | 'alarmAttribute'>;

function detailsOf({ outcomeStore, alarmAttribute, ...progress }: AccountSeeker): GetStatusFailureDetails {
  return { ...knowledgeOf(progress), ...(outcomeStore && { outcomeStore }), ...(alarmAttribute && { alarmAttribute }) };
}
