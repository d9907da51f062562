import { Client, Connection, type ConnectionOptions } from '@temporalio/client';

import type { TemporalConfig } from '../../worker/temporal-config.js';
import { failure, type Finding, ok } from './check.js';
import { diagnoseConnection } from './diagnose-connection.js';
import { GRPC_CODES, grpcCodeOf, isCredentialRefused, reasonOf } from './reason-of.js';
import type { TemporalAccess } from './temporal-access.js';

/** How long a server may take that is just starting; there is no telling it from one that is not there. */
const CONNECT_TIMEOUT_MS = 5_000;

export interface ReachedTemporal {
  readonly finding: Finding;
  readonly access?: TemporalAccess;
}

/** Connects to Temporal; where that fails, finds out why: nobody there, TLS, or the credentials. */
export async function reachTemporal(config: TemporalConfig): Promise<ReachedTemporal> {
  let connection: Connection | undefined;
  try {
    const options: ConnectionOptions = {
      ...config.connectionOptions,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // A retry of the SDK's that comes due once the connection is closed would end the process.
      interceptors: [],
    };
    connection = Connection.lazy(options);
    await connection.ensureConnected();
    const deadline = Date.now() + CONNECT_TIMEOUT_MS;
    const { workflowService } = connection;
    const { serverVersion } = await connection.withDeadline(deadline, () => workflowService.getSystemInfo({}));
    const { address, namespace } = config;
    const client = new Client({ connection, namespace });
    return {
      finding: ok(`${address} answers, server ${serverVersion || 'of unknown version'}`),
      access: { connection, client, address, namespace },
    };
  } catch (error) {
    await connection?.close();
    return { finding: await explain(config, error) };
  }
}

async function explain(config: TemporalConfig, error: unknown): Promise<Finding> {
  const { address } = config;
  if (isCredentialRefused(error)) {
    return failure(
      `${address} refuses the credentials: ${reasonOf(error)}`,
      'set TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
    );
  }
  if (grpcCodeOf(error) === GRPC_CODES.unimplemented) {
    return failure(`${address} answers, but not as Temporal does: ${reasonOf(error)}`, 'set TEMPORAL_ADDRESS');
  }
  return await diagnoseConnection(config, error);
}
