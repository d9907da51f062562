import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';

import { createActivities, type PolyAiActivities, PolyAiClient } from '../../src/activities.js';
import { type MonitorHandle, startMonitor } from '../../src/client.js';
import { ALARM_SEARCH_ATTRIBUTE } from '../../src/contract/names.js';
import {
  MONITOR_WORKFLOW_TYPE,
  type MonitorOutboundCallInput,
  type MonitorOutboundCallResult,
} from '../../src/index.js';
import type { OutcomeStore } from '../../src/outcomes.js';
import { choosePorts } from '../../src/playground/ports.js';
import { type CallScript, type Simulator, startSimulator } from '../../src/simulator.js';
import { quietRuntime } from './quiet-runtime.js';
import { replayRuns } from './replay.js';

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

/** Real workflows on the real time-skipping server against the simulator, all three on one skipped clock. */
export class TimeSkippingRig {
  /** Where the worker keeps outcomes; unless a test sets it they are not kept. */
  outcomes: OutcomeStore | undefined;
  /** What the worker's `getStatus` throws, as one with a bug would, and so says nothing of what the worker knows. */
  bug: Error | undefined;
  /** One for each test: this server may give a task to a worker of the test before, which has just shut down. */
  taskQueue: string = randomUUID();
  #alarmAttribute = false;
  #isRegistered = false;
  readonly #started = new Set<string>();
  readonly #workers = new Set<Worker>();

  private constructor(
    readonly env: TestWorkflowEnvironment,
    readonly simulator: Simulator,
    readonly polyAi: PolyAiClient,
  ) {}

  static async start(): Promise<TimeSkippingRig> {
    const executable = { type: 'existing-path', path: inject('temporalTestServerPath') } as const;
    const [port] = await choosePorts('127.0.0.1', [undefined]);
    const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable, port: port! } });
    const simulator = await startSimulator();
    const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token, requestTimeoutMs: 2_000 });
    return new TimeSkippingRig(env, simulator, polyAi);
  }

  /** From now on, to the end of the test, the worker knows that the namespace has the search attribute of alarms. */
  async registerAlarmAttribute(): Promise<void> {
    const { connection, options } = this.env.client;
    const searchAttributes = { [ALARM_SEARCH_ATTRIBUTE]: KEYWORD };
    const { namespace } = options;
    if (!this.#isRegistered) await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    this.#isRegistered = true;
    this.#alarmAttribute = true;
  }

  /** Begins a call of the simulator, now by the skipped clock. */
  async addCall(callSid: string, script: CallScript): Promise<void> {
    await this.#syncClock();
    this.simulator.addCall(callSid, script);
  }

  /**
   * Starts a monitor; remembered, so that its runs are replayed after the test. Without a hold unless told otherwise: the
   * clock does not skip while an activity is under way.
   */
  async start(input: MonitorOutboundCallInput): Promise<MonitorHandle> {
    const unheld = { ...input, polling: { hold: 0, ...input.polling } };
    const handle = await startMonitor(this.env.client, unheld, { taskQueue: this.taskQueue });
    this.#started.add(handle.workflowId);
    return handle;
  }

  /** Runs a worker until `work` is done. */
  async whileWorking<T>(work: () => Promise<T>): Promise<T> {
    const worker = await Worker.create({
      connection: this.env.nativeConnection,
      namespace: this.env.client.options.namespace,
      taskQueue: this.taskQueue,
      workflowBundle: { codePath: inject('workflowBundlePath') },
      activities: this.#activities(),
    });
    this.#workers.add(worker);
    return await worker.runUntil(work).finally(() => this.#workers.delete(worker));
  }

  /** Monitors a call to the end. */
  async monitor(input: MonitorOutboundCallInput): Promise<MonitorOutboundCallResult> {
    return await this.whileWorking(async () => await (await this.start(input)).result());
  }

  /** Starts the workflow by its bare name with any input, as a client in another language could, and awaits it. */
  async execute(input: unknown): Promise<unknown> {
    const workflowId = `input-${randomUUID()}`;
    this.#started.add(workflowId);
    const options = { workflowId, taskQueue: this.taskQueue, args: [input] };
    return await this.whileWorking(() => this.env.client.workflow.execute(MONITOR_WORKFLOW_TYPE, options));
  }

  /** Lets the skipped clock run until the API has had so many requests for a call. */
  async waitForRequests(callSid: string, count: number): Promise<void> {
    while (this.simulator.requestsFor(callSid).length < count) await this.env.sleep('1s');
  }

  /** Times between the status requests of a call, in milliseconds of the skipped clock. */
  gapsMs(callSid: string): number[] {
    const times = this.simulator.requestsFor(callSid).map(({ simulatedAt }) => simulatedAt);
    return times.slice(1).map((at, index) => at - times[index]!);
  }

  /** After each test: nothing of it is left, and every run that it started replays. */
  async settle(): Promise<void> {
    this.simulator.setFault(undefined);
    this.outcomes = undefined;
    this.bug = undefined;
    this.#alarmAttribute = false;
    for (const workflowId of this.#started) await replayRuns(this.env.client, workflowId);
    this.#started.clear();
    this.taskQueue = randomUUID();
  }

  async stop(): Promise<void> {
    // Those of a test that ran out of time.
    for (const worker of this.#workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      while (worker.getState() !== 'STOPPED') await pause(100);
    }
    await this.polyAi.close();
    await this.simulator.close();
    await this.env.teardown();
  }

  async #syncClock(): Promise<void> {
    this.simulator.clock.set(await this.env.currentTimeMs());
  }

  #activities(): PolyAiActivities {
    const { simulator, polyAi } = this;
    const { getStatus, ...others } = createActivities({
      ...{ polyAi, now: () => simulator.clock.now() },
      outcomes: this.outcomes,
      alarmAttribute: this.#alarmAttribute,
    });
    return {
      ...others,
      getStatus: async (input) => {
        await this.#syncClock();
        if (this.bug) throw this.bug;
        return await getStatus(input);
      },
    };
  }
}

/**
 * One rig for the tests of a file, and another after a test that failed: what it left under way would keep the clock from
 * skipping. Every run that they finish is replayed.
 */
export function useTimeSkippingRig(): () => TimeSkippingRig {
  let rig: TimeSkippingRig | undefined;
  quietRuntime();
  beforeAll(async () => {
    rig = await TimeSkippingRig.start();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return await rig?.settle();
    await rig?.stop();
    rig = await TimeSkippingRig.start();
  });
  afterAll(async () => await rig?.stop());
  return () => rig!;
}
