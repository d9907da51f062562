import { randomUUID } from 'node:crypto';
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Client } from '@temporalio/client';

import type { Cleanup } from '../platform/disposal.js';
import { PolyAiClient } from '../polyai/client.js';
import { type Simulator, startSimulator } from '../simulator/server.js';
import { writeWorkflowBundle } from '../worker/bundle.js';
import { connectTemporal } from './connect-temporal.js';
import type { StopRequest } from './stop-request.js';
import { WorkerProcess } from './worker-process.js';

/** What each part of the stage is set up with. */
export interface Setting {
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly stop: StopRequest;
  readonly cleanup: Cleanup;
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
  cleanup.add(() => worker.stop());
  await worker.start();
  say(`Worker process ${worker.pid} polls task queue ${taskQueue}`);
  return { client, uiUrl, taskQueue, simulator, polyAi, worker };
}

async function makeFolder(cleanup: Cleanup): Promise<string> {
  const parent = resolve(DATA_FOLDER);
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'demo-'));
  const remove = (): void => removeFolder(folder, parent);
  process.once('exit', remove);
  cleanup.add(() => {
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
  cleanup.add(() => simulator.close());
  const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  cleanup.add(() => polyAi.close());
  say(`PolyAI simulator on ${simulator.url}`);
  return { simulator, polyAi };
}
