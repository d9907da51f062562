import { Client, Connection, type ConnectionOptions } from '@temporalio/client';

import { errorMessage } from '../platform/error-message.js';
import { grpcStatusOf } from '../platform/grpc.js';
import { loadTemporalConfig, type TemporalConfig } from '../worker/temporal-config.js';
import { CliError } from './terminal.js';

/** Time for a server that is just starting; there is no telling it from one that is not there. */
const CONNECT_TIMEOUT = '5s';

/** Connects to Temporal for as long as `use` takes. */
export async function withTemporal<T>(use: (client: Client, temporal: TemporalConfig) => Promise<T>): Promise<T> {
  const temporal = loadTemporalConfig();
  const connection = await connect(temporal);
  try {
    return await use(new Client({ connection, namespace: temporal.namespace }), temporal);
  } catch (error) {
    throw explained(error, temporal);
  } finally {
    await connection.close();
  }
}

/** What to say when Temporal cannot be reached. */
export function unreachable({ address }: Pick<TemporalConfig, 'address'>, error: unknown): CliError {
  return new CliError(
    `cannot reach Temporal at ${address}: start one with "temporal-polyai dev", or set TEMPORAL_ADDRESS ` +
      `(and TEMPORAL_API_KEY or TEMPORAL_TLS_* if it asks for them): ${errorMessage(error)}`,
  );
}

async function connect(temporal: TemporalConfig): Promise<Connection> {
  try {
    const options: ConnectionOptions = { ...temporal.connectionOptions, connectTimeout: CONNECT_TIMEOUT };
    return await Connection.connect(options);
  } catch (error) {
    throw unreachable(temporal, error);
  }
}

function explained(error: unknown, { address }: TemporalConfig): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'NamespaceNotFoundError') return new CliError(`${error.message}; set TEMPORAL_NAMESPACE`);
  if (grpcStatusOf(error) === undefined) return error;
  return new CliError(`Temporal at ${address} answers: ${errorMessage(error)}`);
}
