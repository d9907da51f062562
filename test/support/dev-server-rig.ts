import { Client, Connection } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, inject, type RunnerTestCase } from 'vitest';

import { type MonitorHandle, startMonitor } from '../../src/client.js';
import {
  CALL_STATUS_SEARCH_ATTRIBUTE,
  DEFAULT_TASK_QUEUE,
  type MonitorOutboundCallInput,
  PolyAiClient,
  type PolyAiClientOptions,
} from '../../src/index.js';
import { type DevServer, startDevServer } from '../../src/playground/temporal-server.js';
import { type Simulator, startSimulator } from '../../src/simulator.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { quietRuntime } from './quiet-runtime.js';
import { replayRuns } from './replay.js';
import { RetriesUntilClosed } from './retries-until-closed.js';
import { RunningWorkers } from './running-workers.js';

const CALL_STATUS_ATTRIBUTE = { name: CALL_STATUS_SEARCH_ATTRIBUTE, type: SearchAttributeType.KEYWORD } as const;

export interface DevServerRigOptions {
  /**
   * Whether the namespace has the search attribute `PolyAiCallStatus`.
   * @default true
   */
  readonly searchAttributes?: boolean;
  readonly extraArgs?: readonly string[];
  /** Of the workers in this process. @default 'signal' */
  readonly statusUpdates?: 'signal' | 'heartbeat';
}

/** A real Temporal server in real time, the simulator, and workers on demand. */
export class DevServerRig {
  readonly #started = new Set<string>();
  readonly #workers = new RunningWorkers();

  private constructor(
    readonly server: DevServer,
    readonly client: Client,
    readonly simulator: Simulator,
    readonly nativeConnection: NativeConnection,
    private readonly retries: RetriesUntilClosed,
    private readonly statusUpdates: DevServerRigOptions['statusUpdates'],
  ) {}

  static async start({
    searchAttributes = true,
    extraArgs = [],
    statusUpdates,
  }: DevServerRigOptions): Promise<DevServerRig> {
    const server = await startDevServer({
      executablePath: inject('temporalCliPath'),
      ui: false,
      searchAttributes: searchAttributes ? [CALL_STATUS_ATTRIBUTE] : [],
      extraArgs,
    });
    const retries = new RetriesUntilClosed();
    const connection = await Connection.connect({ address: server.address, plugins: [retries] });
    const client = new Client({ connection, namespace: server.namespace });
    const nativeConnection = await NativeConnection.connect({ address: server.address });
    return new DevServerRig(server, client, await startSimulator(), nativeConnection, retries, statusUpdates);
  }

  /** Starts a monitor; remembered, so that its runs are replayed after the test. */
  async start(input: MonitorOutboundCallInput): Promise<MonitorHandle> {
    const handle = await startMonitor(this.client, input);
    this.remember(handle.workflowId);
    return handle;
  }

  /** Has a workflow's runs replayed after the test. */
  remember(workflowId: string): void {
    this.#started.add(workflowId);
  }

  /** Runs a worker in this process until `work` is done. */
  async whileWorking<T>(work: () => Promise<T>, limits: Partial<PolyAiClientOptions> = {}): Promise<T> {
    const polyAi = new PolyAiClient({ baseUrl: this.simulator.url, token: this.simulator.token, ...limits });
    const worker = await createWorker({
      connection: this.nativeConnection,
      namespace: this.server.namespace,
      taskQueue: DEFAULT_TASK_QUEUE,
      polyAi,
      statusUpdates: this.statusUpdates,
      workflowBundlePath: inject('workflowBundlePath'),
    });
    try {
      return await this.#workers.runUntil(worker, work);
    } finally {
      await polyAi.close();
    }
  }

  /** Environment of a worker process that serves this rig. */
  workerEnvironment(): Record<string, string> {
    return {
      POLYAI_AUTH_TOKEN: this.simulator.token,
      POLYAI_BASE_URL: this.simulator.url,
      POLYAI_OUTCOMES_URL: 'off',
      POLYAI_WORKFLOW_BUNDLE: inject('workflowBundlePath'),
      TEMPORAL_ADDRESS: this.server.address,
      TEMPORAL_NAMESPACE: this.server.namespace,
    };
  }

  /** Ends a test: replays its runs, or stops what it left running when it failed. */
  async settle({ result, concurrent }: RunnerTestCase): Promise<void> {
    this.simulator.setFault(undefined);
    if (result?.state !== 'fail') await replayRuns(this.client, this.#started);
    else if (!concurrent) await this.#workers.stop();
    this.#started.clear();
  }

  async stop(): Promise<void> {
    await this.#workers.stop();
    await this.nativeConnection.close();
    await this.retries.stop();
    await this.client.connection.close();
    await this.simulator.close();
    await this.server.stop();
  }
}

/** One rig for the tests of a file. Every run that they remember is replayed. */
export function useDevServerRig(options: DevServerRigOptions = {}): () => DevServerRig {
  let rig: DevServerRig | undefined;
  quietRuntime();
  beforeAll(async () => {
    rig = await DevServerRig.start(options);
  });
  afterEach(async ({ task }) => await rig?.settle(task));
  afterAll(async () => await rig?.stop());
  return () => rig!;
}

/** Waits until `look` gives a value, asking every 50 ms. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { withinMs = 60_000 } = {},
): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > giveUpAt) throw new Error(`waited ${withinMs / 1_000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
