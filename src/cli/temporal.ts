import { Client, Connection } from '@temporalio/client';

import { errorMessage } from '../platform/error-message.js';
import { grpcStatusOf } from '../platform/grpc.js';
import { loadTemporalConfig, type TemporalConfig } from '../worker/temporal-config.js';
import { temporalUnreachableError } from '../worker/temporal-diagnosis.js';
import { CliError } from './terminal.js';

/** Time for a server that is starting, which looks like one that is not there. */
export const TEMPORAL_CONNECT_TIMEOUT_MS = 5_000;

/** How long a display waits for Temporal, or for the answer of a worker, before it says so. */
export const DISPLAY_TIMEOUT_MS = 5_000;

/**
 * Connects to Temporal for as long as `use` takes.
 *
 * @throws {CliError} for an error of the server, with its own words
 */
export async function withTemporal<T>(use: (client: Client, temporal: TemporalConfig) => Promise<T>): Promise<T> {
  const temporal = loadTemporalConfig();
  const { connectionOptions, namespace } = temporal;
  const connection = await Connection.connect({
    ...connectionOptions,
    connectTimeout: TEMPORAL_CONNECT_TIMEOUT_MS,
  }).catch(async (error: unknown) => {
    throw await temporalUnreachableError(temporal, error);
  });
  try {
    return await use(new Client({ connection, namespace }), temporal);
  } catch (error) {
    throw explained(error, temporal);
  } finally {
    await connection.close();
  }
}

function explained(error: unknown, { address }: TemporalConfig): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'NamespaceNotFoundError') return new CliError(`${error.message}; set TEMPORAL_NAMESPACE`);
  if (grpcStatusOf(error) === undefined) return error;
  return new CliError(`Temporal at ${address} answers: ${errorMessage(error)}`);
}
