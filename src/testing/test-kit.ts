import type { BundlerPlugin, WorkerPlugin } from '@temporalio/worker';

import { createActivities, type PolyAiActivities } from '../activities/create-activities.js';
import type { OutcomeStore } from '../outcomes/store.js';
import type { CallScript } from '../simulator/script.js';
import { openSimulator, type Simulator } from '../simulator/server.js';
import type { SimulatorState } from '../simulator/state.js';
import { ClientPerCall } from './client-per-call.js';
import { ServerTime } from './server-time.js';
import { SkippingGetStatus } from './skipping-get-status.js';
import { TestPlugin } from './test-plugin.js';

/** The part of the SDK's `TestWorkflowEnvironment` that the kit uses. */
export interface TestServer {
  readonly supportsTimeSkipping: boolean;
  /** The server's time, in epoch milliseconds. */
  currentTimeMs(): Promise<number>;
}

export interface TestKitOptions {
  /**
   * Script of a call without a script of its own.
   * @default {} 2 s queued, 8 s calling, then success
   */
  readonly defaultScript?: CallScript | undefined;
  /** Chooses the script of a call that is triggered over HTTP, by the number as dialled; `undefined` means `defaultScript`. */
  readonly scriptFor?: ((toNumber: string) => CallScript | undefined) | undefined;
  /**
   * Where outcomes are saved.
   * @default no outcome store
   */
  readonly outcomes?: OutcomeStore | undefined;
}

/** One status request of a call. */
export interface Poll {
  /** By the server's clock. */
  readonly at: Date;
  /** The HTTP status of the response; `dropped` without a complete one. */
  readonly status: number | 'pending' | 'dropped';
}

/** PolyAI's API and this package's activities, for tests of your workflows. */
export interface TestKit {
  /**
   * For your worker, in place of `PolyAiPlugin`: adds this package's workflows beside yours, and the activities below. For a
   * prebuilt `workflowBundle`, give it to `bundleWorkflowCode` as well.
   */
  readonly plugin: WorkerPlugin & BundlerPlugin;
  /** For a worker without the plugin: `getStatus`, `saveOutcome` and `readMonitor`. */
  readonly activities: PolyAiActivities;
  /** The API: its `url` and `token` for activities of yours that trigger calls, faults of all requests, and what it recorded. */
  readonly simulator: Simulator;
  /**
   * Scripts a call. It begins with its first poll, however long a worker takes to start.
   * @param script @default the kit's `defaultScript`
   */
  addCall(callSid: string, script?: CallScript): void;
  /** The status requests of a call so far, oldest first. */
  polls(callSid: string): readonly Poll[];
  /** The times between the polls of a call, in milliseconds of the server's clock. */
  gapsMs(callSid: string): readonly number[];
  /** Call it before the environment's `teardown`. */
  close(): Promise<void>;
}

/** So that the fault `hang` does not hold up a test for long. In real time, like all requests. */
const REQUEST_TIMEOUT_MS = 2_000;

/**
 * Starts a simulated PolyAI API whose calls live by the clock of a test server, and creates this package's activities for it.
 * The workflows and their input are the real ones.
 *
 * On a server that skips time (`TestWorkflowEnvironment.createTimeSkipping`) a call of an hour takes a second or two: a long
 * poll leaves its waits to the server. On any other server time is real.
 *
 * @example
 * const env = await TestWorkflowEnvironment.createTimeSkipping();
 * const kit = await startTestKit(env);
 * const worker = await Worker.create({
 *   connection: env.nativeConnection,
 *   taskQueue: 'polyai-outbound-calls',
 *   workflowsPath, // your workflows
 *   plugins: [kit.plugin],
 * });
 * kit.addCall('OUT-1', { callingMs: 3_600_000, outcome: 'failure', reason: 'busy' });
 * const outcome = await worker.runUntil(awaitCallOutcome(env.client, { callSid: 'OUT-1' }));
 */
export async function startTestKit(server: TestServer, options: TestKitOptions = {}): Promise<TestKit> {
  const { outcomes, ...simulatorOptions } = options;
  const time = server.supportsTimeSkipping ? new ServerTime(() => server.currentTimeMs()) : undefined;
  const { simulator, state } = await openSimulator({
    ...simulatorOptions,
    ...(time && { syncClock: () => time.now() }),
  });
  const statusSource = new ClientPerCall({
    baseUrl: simulator.url,
    token: () => simulator.token,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const real = createActivities({ polyAi: statusSource, outcomes, now: () => state.clock.now() });
  const activities = time ? skipTime(real, state, time) : real;
  return {
    plugin: new TestPlugin(activities),
    simulator,
    activities,
    addCall: (callSid, script) => {
      simulator.addCall(callSid, script);
      state.calls.beginWhenPolled(callSid);
    },
    polls: (callSid) => pollsOf(simulator, callSid),
    gapsMs: (callSid) => {
      const times = pollsOf(simulator, callSid).map(({ at }) => at.getTime());
      return times.slice(1).map((atMs, index) => atMs - times[index]!);
    },
    close: async () => {
      await statusSource.close();
      await simulator.close();
    },
  };
}

function skipTime(activities: PolyAiActivities, simulator: SimulatorState, time: ServerTime): PolyAiActivities {
  const skipping = new SkippingGetStatus(activities.getStatus, simulator);
  return { ...activities, getStatus: (input) => time.whileRunning(() => skipping.run(input)) };
}

function pollsOf(simulator: Simulator, callSid: string): readonly Poll[] {
  return simulator
    .requestsFor(callSid)
    .filter(({ method }) => method === 'GET')
    .map(({ simulatedAt, status }) => ({ at: new Date(simulatedAt), status }));
}
