import { Client, Connection, type ConnectionOptions } from '@temporalio/client';

import type { TemporalConfig } from '../../worker/temporal-config.js';
import { diagnoseConnection } from '../../worker/temporal-diagnosis.js';
import { TEMPORAL_CONNECT_TIMEOUT_MS } from '../temporal.js';
import { failure, type Finding, ok } from './report.js';
import type { TemporalAccess } from './temporal.js';

interface CheckedTemporal {
  readonly finding: Finding;
  /** Absent when the finding is a failure. */
  readonly access?: TemporalAccess;
}

/** Connects to Temporal. When that fails, finds out whether the address, TLS or the credentials are the reason. */
export async function checkTemporal(config: TemporalConfig): Promise<CheckedTemporal> {
  let connection: Connection | undefined;
  try {
    const options: ConnectionOptions = {
      ...config.connectionOptions,
      connectTimeout: TEMPORAL_CONNECT_TIMEOUT_MS,
      // A retry by the SDK after the connection is closed would throw out of a timer and end the process.
      interceptors: [],
    };
    connection = Connection.lazy(options);
    await connection.ensureConnected();
    const deadline = Date.now() + TEMPORAL_CONNECT_TIMEOUT_MS;
    const { workflowService } = connection;
    const { serverVersion } = await connection.withDeadline(deadline, () => workflowService.getSystemInfo({}));
    const { address, namespace } = config;
    const client = new Client({ connection, namespace });
    return {
      finding: ok(`${address} answers, server ${serverVersion || 'of unknown version'}`),
      access: { connection, client, address, namespace, serverVersion },
    };
  } catch (error) {
    await connection?.close();
    const { found, remedy } = await diagnoseConnection(config, error);
    return { finding: failure(found, remedy) };
  }
}
