import { ApplicationFailure, type Logger } from '@temporalio/common';

import type { GetStatusFailureDetails } from '../contract/get-status.js';
import { plainText } from '../platform/plain-text.js';
import type { PolyAiClient } from '../polyai/client.js';

/** The part of `PolyAiClient` that `getStatus` needs; campaigns need `triggerCall` as well. */
export type StatusSource = Pick<PolyAiClient, 'getCallStatus'> &
  Partial<Pick<PolyAiClient, 'throttling' | 'tokenRejection' | 'triggerCall'>>;

/** The accounts that a worker serves. At least one. */
export interface AccountClients {
  /** The default account: for monitors whose input names no account. */
  readonly polyAi?: StatusSource | undefined;
  /** Named accounts: for monitors that name theirs in `account`. */
  readonly accounts?: Readonly<Record<string, StatusSource>> | undefined;
}

/** One account that this worker serves. */
export interface Account {
  readonly polyAi: StatusSource;
  readonly log: AccountLog;
}

interface FindContext {
  /** Whether the call has never been observed; otherwise another worker may know the account. */
  readonly isNewCall: boolean;
  readonly details: GetStatusFailureDetails;
}

/** @throws {TypeError} without any account */
export function requireAccount({ polyAi, accounts = {} }: AccountClients): void {
  if (!polyAi && Object.keys(accounts).length === 0) throw new TypeError('polyAi, accounts or both must be given');
}

/** The accounts of a worker, by name. */
export class AccountRegistry {
  readonly #default: Account | undefined;
  readonly #named: ReadonlyMap<string, Account>;

  /** @throws {TypeError} without any account */
  constructor(clients: AccountClients) {
    requireAccount(clients);
    const { polyAi, accounts = {} } = clients;
    const account = (client: StatusSource, name?: string): Account => ({ polyAi: client, log: new AccountLog(name) });
    this.#default = polyAi && account(polyAi);
    this.#named = new Map(Object.entries(accounts).map(([name, client]) => [name, account(client, name)]));
  }

  /**
   * @param name absent for the default account
   * @throws ApplicationFailure `InvalidInput`, retryable unless the call is new
   */
  find(name: string | undefined, { isNewCall, details }: FindContext): Account {
    const account = name === undefined ? this.#default : this.#named.get(name);
    if (account) return account;
    const problem =
      name === undefined
        ? 'account must be given: this worker has no default account.'
        : `account "${plainText(name)}" is not known to this worker.`;
    throw ApplicationFailure.create({
      type: 'InvalidInput',
      message: `${problem} It serves ${this.#listAccounts()}.`,
      nonRetryable: isNewCall,
      details: [details],
    });
  }

  #listAccounts(): string {
    const names = [...this.#named.keys()].sort().map((name) => `"${name}"`);
    return [...(this.#default ? ['the default account'] : []), ...names].join(', ');
  }
}

/** Logs when an account's token is rejected or its requests are throttled, and when that is over: once each. */
export class AccountLog {
  #rejectedSince: string | undefined;
  #throttledSince: string | undefined;

  /** @param account its name; absent for the default account */
  constructor(private readonly account?: string) {}

  /** Logs what has changed since the last call. */
  record({ throttling, tokenRejection }: Omit<StatusSource, 'getCallStatus'>, log: Logger): void {
    const named = this.account === undefined ? {} : { account: this.account };
    if (throttling?.since !== this.#throttledSince) {
      this.#throttledSince = throttling?.since;
      if (throttling) {
        const { cause, message, requestsPerSecond } = throttling;
        const attributes = { ...named, cause, message, requestsPerSecond };
        log.warn('requests are throttled: PolyAI responds with 429 or fails for nearly all calls', attributes);
      } else {
        log.info('requests are no longer throttled', named);
      }
    }
    if (tokenRejection?.since !== this.#rejectedSince) {
      const rejectedSince = this.#rejectedSince;
      this.#rejectedSince = tokenRejection?.since;
      if (tokenRejection) {
        const { since, message } = tokenRejection;
        log.warn('PolyAI rejects the token: renew it; live calls are polled slowly meanwhile', {
          ...named,
          since,
          message,
        });
      } else {
        log.info('PolyAI accepts the token again: live calls are polled as before', { ...named, rejectedSince });
      }
    }
  }
}
