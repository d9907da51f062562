import { createActivities, type PolyAiActivities } from '../activities/create-activities.js';
import type { OutcomeStore } from '../outcomes/store.js';
import type { CallScript } from '../simulator/script.js';
import { type Simulator, startSimulator } from '../simulator/server.js';
import { ClientPerCall } from './client-per-call.js';
import { SkippingGetStatus } from './skipping-get-status.js';

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
  /** For your worker: `getStatus`, `saveOutcome` and `readMonitor`. */
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
 * On a server that skips time (`TestWorkflowEnvironment.createTimeSkipping`) a call of an hour takes seconds: a long poll
 * leaves its waits to the server. On any other server time is real.
 *
 * @example
 * const env = await TestWorkflowEnvironment.createTimeSkipping();
 * const kit = await startTestKit(env);
 * const worker = await Worker.create({
 *   connection: env.nativeConnection,
 *   taskQueue: 'polyai-outbound-calls',
 *   workflowsPath, // your workflows, which re-export monitorOutboundCall
 *   activities: kit.activities,
 * });
 * kit.addCall('OUT-1', { callingMs: 3_600_000, outcome: 'failure', reason: 'busy' });
 * const outcome = await worker.runUntil(awaitCallOutcome(env.client, { callSid: 'OUT-1' }));
 */
export async function startTestKit(server: TestServer, options: TestKitOptions = {}): Promise<TestKit> {
  const { outcomes, ...simulatorOptions } = options;
  const simulator = await startSimulator({
    ...simulatorOptions,
    ...(server.supportsTimeSkipping && { syncClock: () => server.currentTimeMs() }),
  });
  const statusSource = new ClientPerCall({
    baseUrl: simulator.url,
    token: () => simulator.token,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const calls = new ScriptedCalls(server, simulator);
  return {
    simulator,
    activities: createTestActivities({ server, simulator, calls, statusSource, outcomes }),
    addCall: (callSid, script) => calls.add(callSid, script),
    polls: (callSid) => pollsOf(simulator, callSid),
    gapsMs: (callSid) => {
      const times = pollsOf(simulator, callSid).map(({ at }) => at.getTime());
      return times.slice(1).map((time, index) => time - times[index]!);
    },
    close: async () => {
      await statusSource.close();
      await simulator.close();
    },
  };
}

interface TestActivitiesParts {
  readonly server: TestServer;
  readonly simulator: Simulator;
  readonly calls: ScriptedCalls;
  readonly statusSource: ClientPerCall;
  readonly outcomes: OutcomeStore | undefined;
}

function createTestActivities({ server, simulator, calls, statusSource, outcomes }: TestActivitiesParts) {
  const now = (): number => simulator.clock.now();
  const activities = createActivities({ polyAi: statusSource, outcomes, now });
  const skipping = new SkippingGetStatus(activities.getStatus, now);
  return {
    ...activities,
    getStatus: async (input) => {
      await calls.begin(input.callSid);
      return await (server.supportsTimeSkipping ? skipping.run(input) : activities.getStatus(input));
    },
  } satisfies PolyAiActivities;
}

/** The calls that begin with their first poll. */
class ScriptedCalls {
  readonly #scripts = new Map<string, CallScript | undefined>();

  constructor(
    private readonly server: TestServer,
    private readonly simulator: Simulator,
  ) {}

  add(callSid: string, script: CallScript | undefined): void {
    // Checks the SID now, where the mistake is.
    this.simulator.addCall(callSid, script);
    this.#scripts.set(callSid, script);
  }

  async begin(callSid: string): Promise<void> {
    if (!this.#scripts.has(callSid)) return;
    const script = this.#scripts.get(callSid);
    this.#scripts.delete(callSid);
    if (this.server.supportsTimeSkipping) this.simulator.clock.set(await this.server.currentTimeMs());
    this.simulator.addCall(callSid, script);
  }
}

function pollsOf(simulator: Simulator, callSid: string): readonly Poll[] {
  return simulator
    .requestsFor(callSid)
    .filter(({ method }) => method === 'GET')
    .map(({ simulatedAt, status }) => ({ at: new Date(simulatedAt), status }));
}
