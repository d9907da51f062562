import { dirname, resolve } from 'node:path';
import { z } from 'zod';

import { ACCOUNT_NAME_FORMAT, isAccountName } from '../contract/call.js';
import { PolyAiClient } from '../polyai/client.js';
import type { TokenFunction } from '../polyai/credentials.js';
import type { PolyAiClientOptions } from '../polyai/options.js';
import { parseBaseUrl, type PolyAiRegion, REGION_BASE_URLS } from '../polyai/regions.js';
import { tokenFile } from '../polyai/token-file.js';
import { readAccountsFile } from './accounts-file.js';
import type { Environment } from './environment.js';

/** A PolyAI account in a worker's configuration. */
export interface AccountConfig {
  /** The name that monitors refer to; `undefined` for the default account. */
  readonly name: string | undefined;
  readonly baseUrl: string;
  readonly token: TokenFunction;
  /** Where the token comes from, for messages. */
  readonly tokenSource: string;
}

const REGIONS = Object.keys(REGION_BASE_URLS) as [PolyAiRegion, ...PolyAiRegion[]];

/** All regions, for messages. */
export const REGION_LIST = REGIONS.join(', ');

export const regionSchema = z.enum(REGIONS, `must be one of ${REGION_LIST}`);

export const baseUrlSchema = z.string('must be text').transform((value, context) => {
  try {
    return parseBaseUrl(value);
  } catch (error) {
    context.addIssue(`is not usable: ${(error as TypeError).message}`);
    return z.NEVER;
  }
});

/** The accounts of a file, and the problems of the file. No problem shows text that may be a token. */
interface LoadedAccounts {
  readonly accounts: readonly AccountConfig[];
  readonly problems: readonly string[];
}

const EXAMPLE = '{ "region": "us-1", "tokenFile": "/run/secrets/acme" }';
const TOKEN_REMEDY =
  'must not be in this file: put the token in a separate file and set tokenFile to its path, or set tokenEnv to the name of an environment variable';

const entrySchema = z
  .strictObject(
    {
      region: regionSchema.optional(),
      baseUrl: baseUrlSchema.optional(),
      tokenFile: z.string('must be the path of a file').min(1, 'must be the path of a file').optional(),
      tokenEnv: z
        .string('must be the name of an environment variable')
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
        .optional(),
      token: z.never(TOKEN_REMEDY).optional(),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `has unknown fields (${issue.keys.join(', ')}); known are region, baseUrl, tokenFile and tokenEnv`
          : `must be an object such as ${EXAMPLE}`,
    },
  )
  .superRefine((entry, context) => {
    if ((entry.region === undefined) === (entry.baseUrl === undefined)) {
      context.addIssue('needs either region or baseUrl');
    }
    if ((entry.tokenFile === undefined) === (entry.tokenEnv === undefined)) {
      context.addIssue('needs either tokenFile or tokenEnv');
    }
  });

type Entry = z.infer<typeof entrySchema>;

/**
 * Reads accounts from a JSON file such as `{ "acme": { "region": "us-1", "tokenFile": "/run/secrets/acme" } }`. A relative
 * `tokenFile` is relative to the folder of that file.
 */
export function loadAccounts(path: string, env: Environment): LoadedAccounts {
  const accounts: AccountConfig[] = [];
  const { entries, problems: ofFile } = readAccountsFile(path);
  const problems = [...ofFile];
  for (const [name, value] of entries) {
    const { success, data, error } = entrySchema.safeParse(value);
    // An invalid name may be anything, even a token.
    const shown = isAccountName(name) ? name : '(an account)';
    if (!isAccountName(name)) problems.push(`${shown}: its name must be ${ACCOUNT_NAME_FORMAT}`);
    else if (success) addAccount(name, data);
    for (const issue of error?.issues ?? []) problems.push(`${[shown, ...issue.path].join('.')}: ${issue.message}`);
  }
  return { accounts, problems };

  function addAccount(name: string, entry: Entry): void {
    const token = tokenOf(entry, path, env);
    if (typeof token === 'string') return void problems.push(`${name}.${token}`);
    const baseUrl = entry.baseUrl ?? REGION_BASE_URLS[entry.region!];
    const source = entry.tokenFile === undefined ? `the variable ${entry.tokenEnv}` : 'its token file';
    accounts.push({ name, baseUrl, token, tokenSource: `the token of account "${name}" (${source})` });
  }
}

/** The function that reads an account's token, or the problem that prevents it. */
function tokenOf({ tokenFile: file, tokenEnv = '' }: Entry, path: string, env: Environment): TokenFunction | string {
  if (file === undefined) {
    const token = env[tokenEnv]?.trim();
    return token ? () => token : 'tokenEnv: names a variable that is not set';
  }
  try {
    return tokenFile(resolve(dirname(path), file));
  } catch (error) {
    return `tokenFile: ${(error as TypeError).message}`;
  }
}

/** An account with its client. */
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

/** Creates a client for each account. Each has its own limits, so that an outage of one account does not slow down another. */
export function openAccounts({
  accounts,
  ...config
}: Limits & { readonly accounts: readonly AccountConfig[] }): OpenAccounts {
  const { requestTimeoutMs, maxRequestsPerSecond, maxConcurrentRequests } = config;
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
