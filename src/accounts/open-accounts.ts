import { PolyAiClient } from '../polyai/client.js';
import type { PolyAiClientOptions } from '../polyai/options.js';
import type { AccountConfig } from './account-config.js';

/** An account that is in use. */
export interface OpenAccount {
  readonly config: AccountConfig;
  readonly client: PolyAiClient;
}

/** The accounts of a worker, as `createWorker` takes them. */
export interface OpenAccounts {
  /** The default account, if there is one. */
  readonly polyAi: PolyAiClient | undefined;
  readonly accounts: Readonly<Record<string, PolyAiClient>>;
  readonly all: readonly OpenAccount[];
  readonly close: () => Promise<void>;
}

type Limits = Pick<PolyAiClientOptions, 'requestTimeoutMs' | 'maxRequestsPerSecond' | 'maxConcurrentRequests'>;

export interface OpenAccountsOptions extends Limits {
  readonly accounts: readonly AccountConfig[];
}

/** Makes a client for each account: it has limits of its own, and no other's trouble slows it down. */
export function openAccounts({ accounts, ...options }: OpenAccountsOptions): OpenAccounts {
  const { requestTimeoutMs, maxRequestsPerSecond, maxConcurrentRequests } = options;
  const limits = { requestTimeoutMs, maxRequestsPerSecond, maxConcurrentRequests };
  const all = accounts.map((config) => {
    const { baseUrl, token } = config;
    return { config, client: new PolyAiClient({ baseUrl, token, ...limits }) };
  });
  const named = all.flatMap(({ config: { name }, client }) => (name === undefined ? [] : [[name, client] as const]));
  return {
    polyAi: all.find(({ config }) => config.name === undefined)?.client,
    accounts: Object.fromEntries(named),
    all,
    close: async () => {
      await Promise.all(all.map(({ client }) => client.close()));
    },
  };
}
