import { loadClientConnectConfig } from '@temporalio/envconfig';

import { errorMessage } from '../platform/error-message.js';
import { ConfigError } from './config.js';

type ConnectConfig = ReturnType<typeof loadClientConnectConfig>;

/** How to reach Temporal: from `TEMPORAL_*` and profiles, as `@temporalio/envconfig` reads them. */
export interface TemporalConfig {
  readonly connectionOptions: ConnectConfig['connectionOptions'];
  readonly namespace: string;
  /** For messages. */
  readonly address: string;
}

/**
 * Reads how to reach Temporal. Default: `localhost:7233`, namespace `default`.
 *
 * @throws {ConfigError} for an unknown profile, a file that is missing or is no TOML, and the like
 */
export function loadTemporalConfig(): TemporalConfig {
  const { connectionOptions, namespace = 'default' } = loadOrExplain();
  return { connectionOptions, namespace, address: connectionOptions.address ?? 'localhost:7233' };
}

/**
 * Whether the environment itself names a server, and the namespace that it names. A profile in the user's file does not
 * count: it must not make a playground of what may be production.
 */
export function loadPlaygroundConfig(): { readonly isServerNamed: boolean; readonly namespace: string | undefined } {
  const { connectionOptions, namespace } = loadOrExplain({ disableFile: true });
  return { isServerNamed: Boolean(connectionOptions.address), namespace };
}

/** An error that says where Temporal was expected, and what to start or set. */
export function temporalUnreachableError({ address }: Pick<TemporalConfig, 'address'>, cause: unknown): Error {
  return new Error(
    `cannot reach Temporal at ${address}: start one with "temporal-polyai dev", or set TEMPORAL_ADDRESS ` +
      `(and TEMPORAL_API_KEY or TEMPORAL_TLS_* if it asks for them): ${errorMessage(cause)}`,
  );
}

/** Only the first line of what went wrong: a TOML error goes on with the lines around it, API key included. */
function loadOrExplain(options: Parameters<typeof loadClientConnectConfig>[0] = {}): ConnectConfig {
  try {
    return loadClientConnectConfig(options);
  } catch (error) {
    const [problem = ''] = errorMessage(error).split('\n');
    throw new ConfigError([`Temporal (TEMPORAL_* or its configuration file): ${problem}`]);
  }
}
