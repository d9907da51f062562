import { loadClientConnectConfig } from '@temporalio/envconfig';

import { errorMessage } from '../platform/error-message.js';
import { ConfigError } from './config-error.js';
import { variablesWithValue } from './environment.js';

type ConnectConfig = ReturnType<typeof loadClientConnectConfig>;

/** How to reach Temporal, from `TEMPORAL_*` and the configuration file of `@temporalio/envconfig`. */
export interface TemporalConfig {
  readonly connectionOptions: ConnectConfig['connectionOptions'];
  readonly namespace: string;
  /** For messages. */
  readonly address: string;
}

/**
 * Reads how to reach Temporal. Default: `localhost:7233`, namespace `default`.
 *
 * @throws {ConfigError} such as for an unknown profile, or a file that is missing or not TOML
 */
export function loadTemporalConfig(): TemporalConfig {
  const { connectionOptions, namespace = 'default' } = loadConnectConfig();
  return { connectionOptions, namespace, address: connectionOptions.address ?? 'localhost:7233' };
}

/**
 * Whether the environment names a server, and which namespace it names. A profile in the user's configuration file is
 * ignored: the playground must not use what may be a production server.
 */
export function loadPlaygroundConfig(): { readonly isServerNamed: boolean; readonly namespace: string | undefined } {
  const { connectionOptions, namespace } = loadConnectConfig({ disableFile: true });
  return { isServerNamed: Boolean(connectionOptions.address), namespace };
}

/** The error contains only the first line of the message: the next lines of a TOML error quote the file, and may contain an API key. */
function loadConnectConfig(options: Parameters<typeof loadClientConnectConfig>[0] = {}): ConnectConfig {
  try {
    return loadClientConnectConfig({ ...options, overrideEnvVars: variablesWithValue() });
  } catch (error) {
    const [problem = ''] = errorMessage(error).split('\n');
    throw new ConfigError([`Temporal (TEMPORAL_* or its configuration file): ${problem}`]);
  }
}
