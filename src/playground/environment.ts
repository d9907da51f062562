import { randomUUID } from 'node:crypto';
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import { CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import type { DisposalStack } from '../platform/disposal.js';
import { PolyAiClient } from '../polyai/client.js';
import { type Simulator, startSimulator } from '../simulator/server.js';
import { writeWorkflowBundle } from '../worker/bundle.js';
import { childEnvironment } from '../worker/config.js';
import { loadPlaygroundConfig, loadTemporalConfig } from '../worker/temporal-config.js';
import { locateServerExecutable } from './executables.js';
import type { StopRequest } from './stop-request.js';
import { startDevServer } from './temporal-server.js';
import { WorkerProcess } from './worker-process.js';

/** What each part of the stage is set up with. */
interface Setting {
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly stop: StopRequest;
  readonly cleanup: DisposalStack;
}

/** Everything that the demo's calls need, running. */
export interface Stage {
  readonly client: Client;
  readonly uiUrl: string | undefined;
  readonly taskQueue: string;
  readonly simulator: Simulator;
  readonly polyAi: PolyAiClient;
  readonly worker: WorkerProcess;
}

const DATA_FOLDER = '.temporal-polyai';

/** Starts Temporal, the simulator and a worker process, step by step. */
export async function setStage(base: Omit<Setting, 'folder'>): Promise<Stage> {
  const { say, stop, cleanup } = base;
  const folder = await makeFolder(cleanup);
  const { client, uiUrl, workerEnvironment } = await connectTemporal({ ...base, folder });
  stop.signal.throwIfAborted();
  const { simulator, polyAi } = await startPolyAi(base);
  const bundle = join(folder, 'workflow-bundle.js');
  await writeWorkflowBundle(bundle);
  stop.signal.throwIfAborted();
  say('Workflows bundled');
  const taskQueue = `polyai-demo-${randomUUID().slice(0, 8)}`;
  const environment = workerEnvironment({
    POLYAI_AUTH_TOKEN: simulator.token,
    POLYAI_BASE_URL: simulator.url,
    POLYAI_TASK_QUEUE: taskQueue,
    POLYAI_OUTCOMES_URL: `sqlite:${join(folder, 'outcomes.sqlite')}`,
    POLYAI_WORKFLOW_BUNDLE: bundle,
  });
  const worker = new WorkerProcess({ environment, logFile: join(folder, 'worker.log'), client, taskQueue, stop });
  cleanup.defer(() => worker.stop());
  await worker.start();
  say(`Worker process ${worker.pid} polls task queue ${taskQueue}`);
  return { client, uiUrl, taskQueue, simulator, polyAi, worker };
}

async function makeFolder(cleanup: DisposalStack): Promise<string> {
  const parent = resolve(DATA_FOLDER);
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'demo-'));
  const remove = (): void => removeFolder(folder, parent);
  process.once('exit', remove);
  cleanup.defer(() => {
    process.off('exit', remove);
    remove();
  });
  return folder;
}

function removeFolder(folder: string, parent: string): void {
  rmSync(folder, { recursive: true, force: true });
  if (readdirSync(parent).length === 0) rmdirSync(parent);
}

async function startPolyAi({ say, cleanup }: Omit<Setting, 'folder'>) {
  const simulator = await startSimulator();
  cleanup.defer(() => simulator.close());
  const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  cleanup.defer(() => polyAi.close());
  say(`PolyAI simulator on ${simulator.url}`);
  return { simulator, polyAi };
}

/** Without the download, the demo takes half a minute on a machine that has nothing else to do. */
const TIME_LIMIT_MS = 100_000;

/** The Temporal that the demo plays on. */
interface DemoTemporal {
  readonly client: Client;
  /** Known only of a server that the demo has started. */
  readonly uiUrl: string | undefined;
  /** Environment of a worker that is to reach it. */
  readonly workerEnvironment: (own: Readonly<Record<string, string>>) => NodeJS.ProcessEnv;
}

/** The server in TEMPORAL_ADDRESS, else a dev server of the demo's own. */
async function connectTemporal(setting: Setting): Promise<DemoTemporal> {
  return loadPlaygroundConfig().isServerNamed ? await useConfiguredServer(setting) : await startOwnServer(setting);
}

async function useConfiguredServer({ say, stop, cleanup }: Setting): Promise<DemoTemporal> {
  stop.limitTime(TIME_LIMIT_MS);
  const { connectionOptions, namespace, address } = loadTemporalConfig();
  const connection = await stop.orStopped(Connection.connect(connectionOptions)).catch((error: unknown) => {
    throw new Error(`cannot connect to Temporal at ${address} (TEMPORAL_ADDRESS)`, { cause: error });
  });
  cleanup.defer(() => connection.close());
  say(`Temporal at ${address} (TEMPORAL_ADDRESS), namespace "${namespace}"`);
  return {
    client: new Client({ connection, namespace }),
    uiUrl: undefined,
    workerEnvironment: (own) => childEnvironment(own, /^POLYAI_/),
  };
}

async function startOwnServer({ folder, say, stop, cleanup }: Setting): Promise<DemoTemporal> {
  const executablePath = await stop.orStopped(
    locateServerExecutable('dev-server', { onProgress: say, signal: stop.signal }),
  );
  stop.limitTime(TIME_LIMIT_MS);
  const server = await startDevServer({
    executablePath,
    dbFilename: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
    searchAttributes: [defineSearchAttributeKey(CALL_STATUS_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD)],
  });
  cleanup.defer(() => server.stop());
  const { address, namespace, uiUrl } = server;
  const connection = await Connection.connect({ address });
  cleanup.defer(() => connection.close());
  say(`Temporal dev server on ${address}, its Web UI on ${uiUrl}`);
  const temporal = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    // A file that does not exist, for a profile of the user's must not apply to this server.
    TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
  };
  return {
    client: new Client({ connection, namespace }),
    uiUrl,
    workerEnvironment: (own) => childEnvironment({ ...own, ...temporal }, /^(POLYAI|TEMPORAL)_/),
  };
}
