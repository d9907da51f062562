import { randomUUID } from 'node:crypto';
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';

import { raceAbort } from '../platform/abortable.js';
import type { DisposalStack } from '../platform/disposal.js';
import type { Interruption } from '../platform/interruption.js';
import { PolyAiClient } from '../polyai/client.js';
import type { Simulator } from '../simulator/server.js';
import { writeWorkflowBundle } from '../worker/bundle.js';
import { childEnvironment } from '../worker/environment.js';
import { temporalUnreachableError } from '../worker/temporal-diagnosis.js';
import { startSimulatorOn, openTemporal, type PlaygroundTemporal } from './environment.js';
import { WorkerProcess } from './worker-process.js';

/** Everything that the demo's calls need, running. */
export interface DemoEnvironment {
  readonly client: Client;
  readonly uiUrl: string | undefined;
  readonly taskQueue: string;
  readonly simulator: Simulator;
  readonly polyAi: PolyAiClient;
  readonly worker: WorkerProcess;
  /** The database of the worker's outcomes and campaigns. */
  readonly outcomesUrl: string;
  /** Ends a demo that takes too long. */
  readonly timeLimit: NodeJS.Timeout;
}

/** The address of a workflow in the Web UI; without one, its ID. */
export function addressOf({ uiUrl, client }: DemoEnvironment, workflowId: string): string {
  return uiUrl ? `${uiUrl}/namespaces/${client.options.namespace}/workflows/${workflowId}` : workflowId;
}

interface StartDemoEnvironmentOptions {
  /** Called with one line per step. */
  readonly onProgress: (line: string) => void;
  readonly interruption: Interruption;
  readonly disposal: DisposalStack;
}

const DATA_FOLDER = '.temporal-polyai';
/** Without a download, the demo takes half a minute on an idle machine. */
const TIME_LIMIT_MS = 100_000;

/** Starts Temporal, the simulator and a worker process, step by step. */
export async function startDemoEnvironment(options: StartDemoEnvironmentOptions): Promise<DemoEnvironment> {
  const { onProgress, interruption, disposal } = options;
  const { signal } = interruption;
  const folder = await makeFolder(disposal);
  const [dbFilename, logFile] = [join(folder, 'temporal.db'), join(folder, 'temporal.log')];
  const temporal = await openTemporal({ dbFilename, logFile, onProgress, signal, disposal });
  const timeLimit = setTimeout(() => {
    interruption.abort(new Error(`it did not finish within ${TIME_LIMIT_MS / 1_000} s`));
  }, TIME_LIMIT_MS);
  disposal.defer(() => clearTimeout(timeLimit));
  const client = await connect(temporal, signal, disposal);
  onProgress(describeTemporal(temporal));
  signal.throwIfAborted();
  const simulator = await startSimulatorOn(0, disposal);
  const polyAi = disposal.adopt(new PolyAiClient({ baseUrl: simulator.url, token: simulator.token }), (opened) =>
    opened.close(),
  );
  onProgress(`PolyAI simulator on ${simulator.url}`);
  const bundle = join(folder, 'workflow-bundle.js');
  await writeWorkflowBundle(bundle, { traces: false });
  signal.throwIfAborted();
  onProgress('Workflows bundled');
  const taskQueue = `polyai-demo-${randomUUID().slice(0, 8)}`;
  const outcomesUrl = `sqlite:${join(folder, 'outcomes.sqlite')}`;
  const environment = workerEnvironment(temporal, folder, {
    POLYAI_AUTH_TOKEN: simulator.token,
    POLYAI_BASE_URL: simulator.url,
    POLYAI_TASK_QUEUE: taskQueue,
    POLYAI_OUTCOMES_URL: outcomesUrl,
    POLYAI_WORKFLOW_BUNDLE: bundle,
  });
  const workerLog = join(folder, 'worker.log');
  const worker = new WorkerProcess({ environment, logFile: workerLog, client, taskQueue, interruption });
  disposal.defer(() => worker.stop());
  await worker.start();
  onProgress(`Worker process ${worker.pid} polls task queue ${taskQueue}`);
  return { client, uiUrl: temporal.uiUrl, taskQueue, simulator, polyAi, worker, outcomesUrl, timeLimit };
}

async function makeFolder(disposal: DisposalStack): Promise<string> {
  const parent = resolve(DATA_FOLDER);
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'demo-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
    if (readdirSync(parent).length === 0) rmdirSync(parent);
  };
  process.once('exit', remove);
  disposal.defer(() => {
    process.off('exit', remove);
    remove();
  });
  return folder;
}

async function connect(temporal: PlaygroundTemporal, signal: AbortSignal, disposal: DisposalStack): Promise<Client> {
  const { connectionOptions, namespace } = temporal;
  const connecting = Connection.connect(connectionOptions).catch(async (error: unknown) => {
    throw await temporalUnreachableError(temporal, error);
  });
  const connection = disposal.adopt(await raceAbort(connecting, signal), (opened) => opened.close());
  return new Client({ connection, namespace });
}

function describeTemporal({ address, namespace, uiUrl, isOwn }: PlaygroundTemporal): string {
  return isOwn
    ? `Temporal dev server on ${address}, its Web UI on ${uiUrl}`
    : `Temporal at ${address} (TEMPORAL_ADDRESS), namespace "${namespace}"`;
}

/** The environment of the worker process, with no variable of the user's that names another PolyAI or Temporal. */
function workerEnvironment(
  { address, namespace, isOwn }: PlaygroundTemporal,
  folder: string,
  polyAi: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  if (!isOwn) return childEnvironment(polyAi, /^(POLYAI|OTEL)_/);
  const temporal = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    // A file that does not exist, because a profile of the user must not apply to this server.
    TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
  };
  return childEnvironment({ ...polyAi, ...temporal }, /^(POLYAI|TEMPORAL|OTEL)_/);
}
