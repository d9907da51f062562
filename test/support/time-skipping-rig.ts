import { randomUUID } from 'node:crypto';
import type { ConnectionPlugin } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterEach, beforeEach, inject } from 'vitest';

import { createActivities, type PolyAiActivities, PolyAiClient } from '../../src/activities.js';
import { type MonitorHandle, startMonitor } from '../../src/client.js';
import { ALARM_SEARCH_ATTRIBUTE } from '../../src/contract/names.js';
import { MAX_REQUEST_TIMEOUT_MS } from '../../src/contract/pacing.js';
import {
  MONITOR_WORKFLOW_TYPE,
  type MonitorOutboundCallInput,
  type MonitorOutboundCallResult,
} from '../../src/index.js';
import type { OutcomeStore } from '../../src/outcomes.js';
import { choosePorts } from '../../src/playground/ports.js';
import { type CallScript, type Simulator, startSimulator } from '../../src/simulator.js';
import { quietRuntime } from './quiet-runtime.js';
import { fetchMonitorRuns, fetchRuns, type Run, useReplay } from './replay.js';
import { RunningWorkers } from './running-workers.js';

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

/**
 * Without the SDK's retry interceptor: the SDK retries from a timer, and once the connection is closed that timer throws an
 * uncaught "Channel has been shut down". A test that times out leaves calls in flight, and would end the whole run.
 */
const WITHOUT_RETRIES: ConnectionPlugin = {
  name: 'without-retries',
  configureConnection: (options) => ({ ...options, interceptors: [] }),
};

/**
 * Real workflows on the real time-skipping server against the simulator, all three on one skipped clock. One server a test.
 *
 * What the test server (1.40.0) does otherwise than a real one:
 * - Each scheduled activity and each workflow task locks time skipping until it completes. A workflow that closes before its
 *   activity completes (`TRY_CANCEL`, terminate) never releases that lock: the clock runs in real time from then on
 *   (temporalio/sdk-java#1138). Skip no time after such a close.
 * - So does an activity that is cancelled after its retry is due and before its worker has it, which takes as long as the
 *   workflow task that cancels it. Cancel or nudge no monitor whose `getStatus` may be retried within seconds.
 * - `result()` and `env.sleep()` each release one lock. Two at once also release an activity's lock: await one at a time.
 * - It refuses a workflow task that cancels a timer which has fired meanwhile ("invalid history builder state"), and the
 *   monitor hangs. Cancel or nudge no monitor whose timer may fire within seconds; to end one, let its call succeed.
 * - A cached workflow stays on its worker's sticky queue when that worker shuts down. One worker for one workflow.
 */
export class TimeSkippingRig {
  /** The worker's outcome store. @default none */
  outcomes: OutcomeStore | undefined;
  /** An error that `getStatus` throws instead of polling: a failure without a worker's report. */
  bug: Error | undefined;
  /** Activities of the user that take the place of this package's. */
  otherActivities: Readonly<Record<string, () => Promise<unknown>>> = {};
  readonly taskQueue = 'time-skipping';
  #alarmAttribute = false;
  readonly #started = new Set<string>();
  readonly #workers = new RunningWorkers();
  /** Of calls that have not been polled yet. */
  readonly #scripts = new Map<string, CallScript>();

  private constructor(
    readonly env: TestWorkflowEnvironment,
    readonly simulator: Simulator,
    readonly polyAi: PolyAiClient,
  ) {}

  static async start(): Promise<TimeSkippingRig> {
    const executable = { type: 'existing-path', path: inject('temporalTestServerPath') } as const;
    const [port] = await choosePorts('127.0.0.1', [undefined]);
    const env = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable, port: port! },
      plugins: [WITHOUT_RETRIES],
    });
    const simulator = await startSimulator();
    const polyAi = new PolyAiClient({
      baseUrl: simulator.url,
      token: simulator.token,
      // Real time: a scripted delay on a busy machine is no outage.
      requestTimeoutMs: MAX_REQUEST_TIMEOUT_MS,
    });
    return new TimeSkippingRig(env, simulator, polyAi);
  }

  /** From now on the namespace has the search attribute of alarms, and the worker knows it. */
  async registerAlarmAttribute(): Promise<void> {
    const { connection, options } = this.env.client;
    const searchAttributes = { [ALARM_SEARCH_ATTRIBUTE]: KEYWORD };
    await connection.operatorService.addSearchAttributes({ namespace: options.namespace, searchAttributes });
    this.#alarmAttribute = true;
  }

  /** Adds a call that begins with its first poll: a worker that is slow to start misses no status of the script. */
  addCall(callSid: string, script: CallScript): void {
    this.#scripts.set(callSid, script);
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
    return await this.#workers.runUntil(worker, work);
  }

  /** Monitors a call to the end. */
  async monitor(input: MonitorOutboundCallInput): Promise<MonitorOutboundCallResult> {
    return await this.whileWorking(async () => await (await this.start(input)).result());
  }

  /** Lets a monitor's call succeed, and awaits its result. */
  async endCall(monitor: MonitorHandle): Promise<MonitorOutboundCallResult> {
    this.simulator.setFault(undefined);
    this.simulator.addCall(monitor.callSid, { statuses: [{ status: 'success' }] });
    return await monitor.result();
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

  /** Times between the status requests of a call, in milliseconds of the skipped clock. A busy machine makes them longer. */
  gapsMs(callSid: string): number[] {
    const times = this.simulator.requestsFor(callSid).map(({ simulatedAt }) => simulatedAt);
    return times.slice(1).map((at, index) => at - times[index]!);
  }

  /** The waits that a workflow's timers were started for, in all its runs, in milliseconds. */
  async timersMs(workflowId: string): Promise<number[]> {
    const runs = await fetchRuns(this.env.client, workflowId);
    return runs
      .flatMap(({ events }) => events ?? [])
      .flatMap(({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout ?? [])
      .map(({ seconds, nanos }) => Number(seconds ?? 0) * 1_000 + (nanos ?? 0) / 1e6);
  }

  /** Every run that the test started. */
  async fetchStarted(): Promise<Run[]> {
    return await fetchMonitorRuns(this.env.client, this.#started);
  }

  async stop(): Promise<void> {
    await this.#workers.stop();
    await this.polyAi.close();
    await this.simulator.close();
    await this.env.teardown();
  }

  async #syncClock(): Promise<void> {
    this.simulator.clock.set(await this.env.currentTimeMs());
  }

  #beginCall(callSid: string): void {
    const script = this.#scripts.get(callSid);
    if (script) this.simulator.addCall(callSid, script);
    this.#scripts.delete(callSid);
  }

  #activities(): object {
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
        this.#beginCall(input.callSid);
        return await getStatus(input);
      },
      ...this.otherActivities,
    } satisfies PolyAiActivities & Record<string, unknown>;
  }
}

/** A rig for each test of a file. Every run that a test starts is replayed, unless the test failed. */
export function useTimeSkippingRig(): () => TimeSkippingRig {
  let rig: TimeSkippingRig | undefined;
  quietRuntime();
  const addToReplay = useReplay();
  beforeEach(async () => {
    rig = await TimeSkippingRig.start();
  });
  afterEach(async ({ task }) => {
    try {
      if (rig && task.result?.state !== 'fail') addToReplay(await rig.fetchStarted());
    } finally {
      await rig?.stop();
      rig = undefined;
    }
  });
  return () => rig!;
}
