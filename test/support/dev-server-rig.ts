import { Client, Connection } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import { NativeConnection, type Worker, type WorkerPlugin } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, inject, type RunnerTestCase } from 'vitest';

import { type MonitorHandle, startMonitor } from '../../src/client.js';
import {
  DEFAULT_TASK_QUEUE,
  type MonitorOutboundCallInput,
  PolyAiClient,
  type PolyAiClientOptions,
} from '../../src/index.js';
import { ALARM_SEARCH_ATTRIBUTE } from '../../src/contract/names.js';
import { type DevServer, startDevServer } from '../../src/playground/temporal-server.js';
import { type Simulator, startSimulator } from '../../src/simulator.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { eventually } from './eventually.js';
import { quietRuntime } from './quiet-runtime.js';
import { fetchMonitorRuns, type Run, useReplay } from './replay.js';
import { RetriesUntilClosed } from './retries-until-closed.js';
import { RunningWorkers } from './running-workers.js';
import { CALL_STATUS_ATTRIBUTE, claimNamespace, READY_TIMEOUT_MS } from './shared-dev-server.js';

export { eventually };

const ALARM_ATTRIBUTE = { name: ALARM_SEARCH_ATTRIBUTE, type: SearchAttributeType.KEYWORD } as const;

export interface DevServerRigOptions {
  /**
   * Whether the namespace has the search attribute `PolyAiCallStatus`.
   * @default true
   */
  readonly searchAttributes?: boolean;
  /** Whether the namespace has the search attribute `PolyAiAlarm`. @default false */
  readonly alarmAttribute?: boolean;
  /** Whether the server has its Web UI. @default false */
  readonly ui?: boolean;
  readonly extraArgs?: readonly string[];
  /** Of the workers in this process. @default 'signal' */
  readonly statusUpdates?: 'signal' | 'heartbeat';
  /** Activities that a worker in this process runs at once. @default enough for 1,000 long polls */
  readonly activitySlots?: number;
}

/** A namespace of the server that all files share, or a server of its own for what only a whole server can have. */
async function openServer(options: DevServerRigOptions): Promise<DevServer> {
  const { searchAttributes = true, alarmAttribute = false, ui = false, extraArgs = [] } = options;
  if (!alarmAttribute && !ui && extraArgs.length === 0) return await claimNamespace({ searchAttributes });
  return await startDevServer({
    executablePath: inject('temporalCliPath'),
    ui,
    searchAttributes: [
      ...(searchAttributes ? [CALL_STATUS_ATTRIBUTE] : []),
      ...(alarmAttribute ? [ALARM_ATTRIBUTE] : []),
    ],
    extraArgs,
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
}

/** A real Temporal server in real time, the simulator, and workers on demand. */
export class DevServerRig {
  readonly #started = new Set<string>();
  readonly #workers = new RunningWorkers();

  readonly #activitySlots: WorkerPlugin = {
    name: 'activity-slots',
    configureWorker: (worker) => {
      const { activitySlots: maxConcurrentActivityTaskExecutions } = this.options;
      return { ...worker, ...(maxConcurrentActivityTaskExecutions && { maxConcurrentActivityTaskExecutions }) };
    },
  };

  private constructor(
    readonly server: DevServer,
    readonly client: Client,
    readonly simulator: Simulator,
    readonly nativeConnection: NativeConnection,
    private readonly retries: RetriesUntilClosed,
    private readonly options: Pick<DevServerRigOptions, 'statusUpdates' | 'activitySlots'>,
  ) {}

  static async start(options: DevServerRigOptions): Promise<DevServerRig> {
    const server = await openServer(options);
    const retries = new RetriesUntilClosed();
    const connection = await Connection.connect({ address: server.address, plugins: [retries] });
    const client = new Client({ connection, namespace: server.namespace });
    const nativeConnection = await NativeConnection.connect({ address: server.address });
    return new DevServerRig(server, client, await startSimulator(), nativeConnection, retries, options);
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

  /** Waits until the API has had so many requests for a call. */
  async untilRequested(callSid: string, count: number): Promise<void> {
    await eventually(`${count} requests`, () => this.simulator.requestsFor(callSid).length >= count || undefined);
  }

  /** Runs a worker in this process until `work` is done. */
  async whileWorking<T>(work: () => Promise<T>, limits: Partial<PolyAiClientOptions> = {}): Promise<T> {
    const polyAi = new PolyAiClient({ baseUrl: this.simulator.url, token: this.simulator.token, ...limits });
    const worker = await createWorker({
      connection: this.nativeConnection,
      namespace: this.server.namespace,
      taskQueue: DEFAULT_TASK_QUEUE,
      polyAi,
      statusUpdates: this.options.statusUpdates,
      workflowBundlePath: inject('workflowBundlePath'),
      plugins: [this.#activitySlots],
    });
    try {
      return await this.runUntil(worker, work);
    } finally {
      await polyAi.close();
    }
  }

  /** Runs a worker until `work` is done, or its test has failed. */
  async runUntil<T>(worker: Worker, work: () => Promise<T>): Promise<T> {
    return await this.#workers.runUntil(worker, work);
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

  /** Ends a test: gives its runs, or stops what it left running when it failed. */
  async settle({ result, concurrent }: RunnerTestCase): Promise<Run[]> {
    this.simulator.setFault(undefined);
    const started = [...this.#started];
    this.#started.clear();
    if (result?.state !== 'fail') return await fetchMonitorRuns(this.client, started);
    if (!concurrent) await this.#workers.stop();
    return [];
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

/** One rig for the tests of a file, in a namespace of its own. Every run that they remember is replayed. */
export function useDevServerRig(options: DevServerRigOptions = {}): () => DevServerRig {
  let rig: DevServerRig | undefined;
  quietRuntime();
  const addToReplay = useReplay();
  beforeAll(async () => {
    rig = await DevServerRig.start(options);
  });
  afterEach(async ({ task }) => {
    if (rig) addToReplay(await rig.settle(task));
  });
  afterAll(async () => await rig?.stop());
  return () => rig!;
}
