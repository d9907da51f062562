import { setFlagsFromString } from 'node:v8';
import { NativeConnection, Runtime } from '@temporalio/worker';

import { openReconnecting } from '../outcomes/open.js';
import { type OpenOutcomeStore, type OutcomeStore, OutcomeStoreError } from '../outcomes/store.js';
import { redactOutcomesUrl } from '../outcomes/url.js';
import { errorMessage } from '../platform/error-message.js';
import { PROBE_CALL_SID } from '../polyai/client.js';
import { PolyAiError } from '../polyai/errors.js';
import { type OpenAccount, openAccounts, type OpenAccounts } from './accounts.js';
import { loadBoth, loadWorkerConfig, type WorkerConfig } from './config.js';
import { createWorker } from './create-worker.js';
import { loadTemporalConfig, type TemporalConfig } from './temporal-config.js';

/** Something that keeps the worker from starting and that its operator can mend. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';
}

/**
 * Runs the worker that the environment describes, until SIGTERM, SIGINT or a fatal error.
 *
 * @throws {ConfigError} for an environment that is not usable
 * @throws {WorkerStartError} when Temporal cannot be reached, or either side refuses the credentials
 */
export async function runWorker(): Promise<void> {
  keepHeapSmall();
  const [config, temporal] = loadBoth(loadWorkerConfig, loadTemporalConfig);
  const { all, close, ...clients } = openAccounts(config);
  try {
    await checkTokens(all);
    const outcomes = await openOutcomes(config);
    try {
      await runWith({ config, temporal, outcomes, ...clients });
    } finally {
      await outcomes?.close();
    }
  } finally {
    await close();
  }
}

interface WorkerParts extends Pick<OpenAccounts, 'polyAi' | 'accounts'> {
  readonly config: WorkerConfig;
  readonly temporal: TemporalConfig;
  readonly outcomes: OutcomeStore | undefined;
}

async function runWith({ config, temporal, ...parts }: WorkerParts): Promise<void> {
  const { callsAtOnce, taskQueue, workflowBundlePath } = config;
  const connection = await connect(temporal);
  try {
    const { namespace } = temporal;
    const options = { connection, namespace, taskQueue, callsAtOnce, workflowBundlePath, ...parts };
    const worker = await createWorker(options).catch((error: unknown) => {
      throw startError('the worker cannot be created', error);
    });
    await worker.run();
  } finally {
    await connection.close();
  }
}

/** Says where outcomes are kept, and plainly when they are not. */
async function openOutcomes({ outcomesUrl }: WorkerConfig): Promise<OpenOutcomeStore | undefined> {
  const { logger } = Runtime.instance();
  try {
    const outcomes = await openReconnecting(outcomesUrl, ({ message }) => {
      logger.warn('outcomes cannot be saved for now: monitors whose calls have ended wait for it', {
        problem: message,
      });
    });
    if (outcomes) logger.info('where outcomes are kept', { store: redactOutcomesUrl(outcomesUrl) });
    else
      logger.warn('outcomes are not kept: each is lost when Temporal forgets its monitor (POLYAI_OUTCOMES_URL is off)');
    return outcomes;
  } catch (error) {
    if (error instanceof OutcomeStoreError) throw new WorkerStartError(error.message, { cause: error });
    throw error;
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

/**
 * An outage of the API does not keep a worker from starting; a refused token does, unless another account's works: its calls
 * are to be polled.
 *
 * @throws {WorkerStartError} naming each account, when the token of every one is refused
 */
async function checkTokens(accounts: readonly OpenAccount[]): Promise<void> {
  const refusals = (await Promise.all(accounts.map(checkToken))).filter((refusal) => refusal !== undefined);
  const messages = refusals.map(({ message }) => message);
  if (refusals.length === accounts.length) throw new WorkerStartError(messages.join('\n'));
  for (const problem of messages) Runtime.instance().logger.warn('an account cannot be served', { problem });
}

async function checkToken({ config, client }: OpenAccount): Promise<WorkerStartError | undefined> {
  const { baseUrl, tokenSource } = config;
  try {
    await client.getCallStatus(PROBE_CALL_SID);
  } catch (error) {
    if (!(error instanceof PolyAiError) || error.kind === 'CallNotFound') return undefined;
    if (error.kind === 'Unauthorized') return startError(`PolyAI at ${baseUrl} refuses ${tokenSource}`, error);
    const problem = error.message;
    Runtime.instance().logger.warn('could not check the PolyAI token', { baseUrl, tokenSource, problem });
  }
  return undefined;
}

function startError(message: string, cause: unknown): WorkerStartError {
  return new WorkerStartError(`${message}: ${errorMessage(cause)}`, { cause });
}

/**
 * Has V8 collect garbage when the heap has grown by 30 % since the last time, instead of letting it grow to a multiple.
 * Measured with 3,000 held calls: 94 instead of 187 KiB for each, at the same CPU. For processes that are workers only: a
 * worker's user decides about its own (`node --heap-growing-percent=30`).
 */
function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30');
}
