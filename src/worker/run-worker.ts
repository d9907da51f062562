import { NativeConnection, Runtime, type Worker, type WorkerPlugin } from '@temporalio/worker';

import { openCampaignStore } from '../campaigns/open.js';
import type { OpenCampaignStore } from '../campaigns/store.js';
import { openReconnecting } from '../outcomes/open.js';
import { type OpenOutcomeStore, OutcomeStoreError } from '../outcomes/store.js';
import { parseOutcomesUrl, redactOutcomesUrl } from '../outcomes/url.js';
import { onAbort } from '../platform/abortable.js';
import { DisposalStack } from '../platform/disposal.js';
import { errorMessage } from '../platform/error-message.js';
import { GRPC_STATUS, grpcStatusOf, isAccessDenied } from '../platform/grpc.js';
import { TOKEN_CHECK_CALL_SID } from '../polyai/client.js';
import { PolyAiError } from '../polyai/errors.js';
import { openTracing } from './open-tracing.js';
import { type OpenAccount, type OpenAccounts, openAccounts } from './accounts.js';
import type { WorkerConfig } from './config.js';
import { createWorker } from './create-worker.js';
import { HealthServer } from './health.js';
import type { TemporalConfig } from './temporal-config.js';
import { temporalUnreachableError } from './temporal-diagnosis.js';
import { ignoreSpans, isTracedBundle } from './traced-bundle.js';
import type { Tracing } from './tracing.js';

/** A problem that prevents the worker from starting and that its operator can correct. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';
}

interface RunWorkerOptions {
  readonly config: WorkerConfig;
  readonly temporal: TemporalConfig;
  /** Shuts the worker down, as the shutdown signals of the SDK's `Runtime` do. Before it runs, its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Called when the worker has started to poll its task queue. */
  readonly onRunning?: () => void;
}

/**
 * Assembles a worker, runs it until it is shut down or fails, and disposes of everything it used. Logs to the SDK's `Runtime`.
 *
 * @throws {WorkerStartError} when Temporal cannot be reached or denies access to the namespace, when PolyAI rejects every token, or when
 *   the outcome store cannot be used
 */
export async function runWorker({ config, temporal, signal, onRunning }: RunWorkerOptions): Promise<void> {
  const disposal = new DisposalStack();
  try {
    const health = disposal.adopt(await openHealth(config), (server) => server?.close());
    const { worker, connection } = await assembleWorker(config, temporal, disposal);
    health?.watch({ worker, connection });
    const running = worker.run();
    const isInterrupted = signal?.aborted === true;
    if (signal) disposal.defer(onAbort(signal, () => worker.getState() === 'RUNNING' && worker.shutdown()));
    if (!isInterrupted) onRunning?.();
    await running;
    if (isInterrupted) signal.throwIfAborted();
  } finally {
    await disposal.dispose();
  }
}

/** The composition root: opens all that a worker needs, adds it to `disposal`, and creates the worker. */
async function assembleWorker(
  config: WorkerConfig,
  temporal: TemporalConfig,
  disposal: DisposalStack,
): Promise<{ worker: Worker; connection: NativeConnection }> {
  const { callsAtOnce, statusUpdates, taskQueue, workflowBundlePath, searchAttributes, deployment } = config;
  const tracing = disposal.adopt(await startTracing(config), (traces) => traces?.close());
  const { all, polyAi, accounts } = disposal.adopt(openClients(config), ({ close }) => close());
  await checkTokens(all);
  const outcomes = disposal.adopt(await openOutcomes(config), (store) => store?.close());
  const campaigns = disposal.adopt(openCampaigns(config), (store) => store?.close());
  const connection = disposal.adopt(await connect(temporal), (opened) => opened.close());
  const { namespace } = temporal;
  const monitoring = { polyAi, accounts, outcomes, campaigns, callsAtOnce, statusUpdates, searchAttributes };
  const plugins = await tracingPlugins(tracing, workflowBundlePath);
  const options = { connection, namespace, taskQueue, workflowBundlePath, deployment, plugins, ...monitoring };
  const worker = await createWorker(options).catch((error: unknown) => {
    throw startError('the worker cannot be created', error);
  });
  return { worker, connection };
}

/** The first that is opened: the process is alive while the worker starts. */
async function openHealth({ healthAddress }: WorkerConfig): Promise<HealthServer | undefined> {
  if (healthAddress === undefined) return undefined;
  return await HealthServer.open(healthAddress).catch((error: unknown) => {
    throw startError(`health cannot be served at ${healthAddress} (POLYAI_HEALTH_ADDRESS)`, error);
  });
}

async function startTracing({ telemetry: { traces } }: WorkerConfig): Promise<Tracing | undefined> {
  if (!traces) return undefined;
  return await openTracing(traces, Runtime.instance().logger).catch((error: unknown) => {
    throw startError('traces cannot be exported (OTEL_TRACES_EXPORTER)', error);
  });
}

/** @throws {WorkerStartError} when there are traces, and the bundle has none */
async function tracingPlugins(tracing: Tracing | undefined, bundlePath: string | undefined): Promise<WorkerPlugin[]> {
  const isTraced = bundlePath === undefined || (await isTracedBundle(bundlePath));
  if (tracing && !isTraced) {
    throw new WorkerStartError(
      `the workflow bundle ${bundlePath} cannot trace workflows: make one with temporal-polyai bundle --traces, ` +
        'for POLYAI_TRACED_WORKFLOW_BUNDLE',
    );
  }
  if (tracing) return [tracing.plugin];
  return bundlePath !== undefined && isTraced ? [ignoreSpans] : [];
}

function openClients(config: WorkerConfig): OpenAccounts {
  try {
    return openAccounts(config);
  } catch (error) {
    throw startError('PolyAI cannot be requested', error);
  }
}

/** Logs where outcomes are saved, or that they are not. */
async function openOutcomes({ outcomesUrl }: WorkerConfig): Promise<OpenOutcomeStore | undefined> {
  const { logger } = Runtime.instance();
  try {
    const outcomes = await openReconnecting(outcomesUrl, ({ message }) => {
      logger.warn('outcomes cannot be saved at present: monitors of ended calls wait for the outcome store', {
        problem: message,
      });
    });
    if (outcomes) logger.info('outcomes are saved', { store: redactOutcomesUrl(outcomesUrl) });
    else {
      logger.warn(
        'outcomes are not saved: each is lost when Temporal deletes the history of its monitor (POLYAI_OUTCOMES_URL is off)',
      );
    }
    return outcomes;
  } catch (error) {
    if (error instanceof OutcomeStoreError) throw new WorkerStartError(error.message, { cause: error });
    throw error;
  }
}

/** Connects to the database at the first campaign. */
function openCampaigns({ outcomesUrl }: WorkerConfig): OpenCampaignStore | undefined {
  return parseOutcomesUrl(outcomesUrl).kind === 'off' ? undefined : openCampaignStore(outcomesUrl);
}

/** Connects, and checks that the namespace exists and accepts the credentials. */
async function connect(temporal: TemporalConfig): Promise<NativeConnection> {
  const { connectionOptions, address, namespace } = temporal;
  const connection = await NativeConnection.connect(connectionOptions).catch(async (error: unknown) => {
    const { message } = await temporalUnreachableError(temporal, error);
    throw new WorkerStartError(message, { cause: error });
  });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return connection;
  } catch (error) {
    await connection.close();
    const isDenied = isAccessDenied(error) || grpcStatusOf(error) === GRPC_STATUS.NOT_FOUND;
    const remedy = 'check TEMPORAL_NAMESPACE and TEMPORAL_API_KEY';
    const denied = `denies access to namespace "${namespace}" (${remedy})`;
    const problem = isDenied ? denied : `does not answer for namespace "${namespace}"`;
    throw startError(`Temporal at ${address} ${problem}`, error);
  }
}

/**
 * Sends one status request per account. An outage of the API does not prevent the worker from starting. Rejected tokens do only
 * if those of all accounts are rejected, because the calls of the other accounts must be polled.
 *
 * @throws {WorkerStartError} naming each account, when the tokens of all are rejected
 */
async function checkTokens(accounts: readonly OpenAccount[]): Promise<void> {
  const rejections = (await Promise.all(accounts.map(checkToken))).filter((rejection) => rejection !== undefined);
  const messages = rejections.map(({ message }) => message);
  if (rejections.length === accounts.length) throw new WorkerStartError(messages.join('\n'));
  for (const problem of messages) Runtime.instance().logger.warn('an account cannot be served', { problem });
}

async function checkToken({ config, client }: OpenAccount): Promise<WorkerStartError | undefined> {
  const { baseUrl, tokenSource } = config;
  try {
    await client.getCallStatus(TOKEN_CHECK_CALL_SID);
  } catch (error) {
    if (!(error instanceof PolyAiError) || error.kind === 'CallNotFound') return undefined;
    if (error.kind === 'Unauthorized') {
      const rejected =
        error.httpStatus === undefined ? `${tokenSource} is unusable` : `PolyAI at ${baseUrl} rejects ${tokenSource}`;
      return startError(rejected, error);
    }
    const problem = error.message;
    Runtime.instance().logger.warn('could not check the PolyAI token', { baseUrl, tokenSource, problem });
  }
  return undefined;
}

export function startError(message: string, cause: unknown): WorkerStartError {
  return new WorkerStartError(`${message}: ${errorMessage(cause)}`, { cause });
}
