import { NativeConnection, Runtime } from '@temporalio/worker';

import { loadBoth } from './config-error.js';
import { loadWorkerConfig } from './config.js';
import { createWorker } from './create-worker.js';
import { loadTemporalConfig, type TemporalConfig } from './load-temporal-config.js';
import { PolyAiClient, PolyAiError } from './polyai/index.js';

/** Something that keeps the worker from starting and that its operator can mend. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';
}

/** A well-formed SID of no call: asking for it tells whether the token is accepted. */
const PROBE_CALL_SID = 'OUT-00000000-0000-0000-0000-000000000000';

/**
 * Runs the worker that the environment describes, until SIGTERM, SIGINT or a fatal error.
 *
 * @throws {ConfigError} for an environment that is not usable
 * @throws {WorkerStartError} when Temporal cannot be reached, or either side refuses the credentials
 */
export async function runWorker(): Promise<void> {
  const [config, temporal] = loadBoth(loadWorkerConfig, loadTemporalConfig);
  const { baseUrl, callsAtOnce, taskQueue, workflowBundlePath } = config;
  const polyAi = new PolyAiClient(config);
  try {
    await checkToken(polyAi, baseUrl);
    const connection = await connect(temporal);
    try {
      const { namespace } = temporal;
      const options = { connection, namespace, taskQueue, polyAi, callsAtOnce, workflowBundlePath };
      const worker = await createWorker(options).catch((error: unknown) => {
        throw startError('the worker cannot be created', error);
      });
      await worker.run();
    } finally {
      await connection.close();
    }
  } finally {
    await polyAi.close();
  }
}

/** Connects, and makes sure that the namespace is there and lets us in. */
async function connect({ connectionOptions, address, namespace }: TemporalConfig): Promise<NativeConnection> {
  const connection = await NativeConnection.connect(connectionOptions).catch((error: unknown) => {
    throw startError(
      `cannot connect to Temporal at ${address} (check TEMPORAL_ADDRESS and TEMPORAL_TLS_*, or start one: temporal-polyai dev)`,
      error,
    );
  });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return connection;
  } catch (error) {
    await connection.close();
    const remedy = 'check TEMPORAL_NAMESPACE and TEMPORAL_API_KEY';
    throw startError(`Temporal at ${address} refuses namespace "${namespace}" (${remedy})`, error);
  }
}

/** An outage of the API does not keep a worker from starting; a refused token does. */
async function checkToken(polyAi: PolyAiClient, baseUrl: string): Promise<void> {
  try {
    await polyAi.getCallStatus(PROBE_CALL_SID);
  } catch (error) {
    if (!(error instanceof PolyAiError) || error.kind === 'CallNotFound') return;
    if (error.kind === 'Unauthorized') throw startError(`PolyAI at ${baseUrl} refuses POLYAI_AUTH_TOKEN`, error);
    Runtime.instance().logger.warn('could not check the PolyAI token', { baseUrl, problem: error.message });
  }
}

function startError(message: string, cause: unknown): WorkerStartError {
  return new WorkerStartError(`${message}: ${describeCause(cause)}`, { cause });
}

/** What a gRPC error says in its own words, or the error's message. */
function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { details } = cause as { details?: unknown };
  return typeof details === 'string' && details !== '' ? details : cause.message;
}
