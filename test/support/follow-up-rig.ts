import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, inject } from 'vitest';

import { createActivities } from '../../src/activities.js';
import { completionFailureOf, type MonitorCompletion } from '../../src/contract/completion.js';
import { DEFAULT_TASK_QUEUE, type MonitorOutboundCallInput, monitorWorkflowId, PolyAiClient } from '../../src/index.js';
import { NOTIFY_WHEN_ENDED_SIGNAL_NAME } from '../../src/contract/names.js';
import { createNexusServiceHandler } from '../../src/nexus-handler.js';
import type { monitorOutboundCall } from '../../src/workflows.js';
import { type DevServerRig, eventually, useDevServerRig } from './dev-server-rig.js';
import { followUpLanguages, type Language } from './follow-up-languages.js';
import type { Report } from './follow-up-report.js';
import { type Message, messagesIn } from './monitor-messages.js';

type FollowUpType = 'FollowUp' | 'FollowUpViaNexus';
type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;
type FollowUp = WorkflowHandle<(call: MonitorOutboundCallInput) => Promise<Report>>;

/** How a call is followed. */
export const WAYS = ['as a child', 'through Nexus', 'in a backend'] as const;
export type Way = (typeof WAYS)[number];

/** A server with the Nexus endpoint, a worker that monitors, and one worker of each language. */
class FollowUpRig {
  readonly languages: readonly Language[];
  readonly #rig: () => DevServerRig;

  constructor(rig: () => DevServerRig) {
    this.#rig = rig;
    this.languages = followUpLanguages(rig);
  }

  /** Those of `examples`. */
  get examples(): readonly Language[] {
    return this.languages.filter(({ name }) => name !== 'TypeScript');
  }

  get simulator(): DevServerRig['simulator'] {
    return this.#rig().simulator;
  }

  /** Follows calls to their end. */
  async follow(language: Language, way: Way, calls: readonly MonitorOutboundCallInput[]): Promise<Report[]> {
    for (const { callSid } of calls) this.#rig().remember(monitorWorkflowId(callSid));
    if (way === 'in a backend') return (await language.follow(calls)).map(({ report }) => report);
    const type = way === 'as a child' ? 'FollowUp' : 'FollowUpViaNexus';
    const workflows = await Promise.all(calls.map((call) => this.start(language, type, call)));
    return await Promise.all(workflows.map((workflow) => workflow.result()));
  }

  /** Starts a workflow that follows a call. */
  async start({ taskQueue }: Language, type: FollowUpType, call: MonitorOutboundCallInput): Promise<FollowUp> {
    const workflowId = `follow-up-${randomUUID()}`;
    return await this.#rig().client.workflow.start(type, { workflowId, taskQueue, args: [call] });
  }

  /** Starts a monitor that nobody follows yet. */
  async startMonitor(call: MonitorOutboundCallInput): Promise<void> {
    await this.#rig().start(call);
  }

  /** Waits until so many workflows have subscribed to a monitor, and so many Nexus operations joined it. */
  async untilJoined(callSid: string, expected: { subscribers: number; operations: number }): Promise<void> {
    await eventually('those who join the monitor', async () => {
      const { callbacks } = (await this.monitor(callSid).describe()).raw;
      const signals = (await eventsOf(this.monitor(callSid))).filter(
        (event) => event.workflowExecutionSignaledEventAttributes?.signalName === NOTIFY_WHEN_ENDED_SIGNAL_NAME,
      );
      const hasAll = signals.length >= expected.subscribers && (callbacks?.length ?? 0) >= expected.operations;
      return hasAll || undefined;
    });
  }

  /** Waits until a workflow has the monitor as its child, or through Nexus. */
  async untilFollowed(followUp: FollowUp): Promise<void> {
    await eventually('its monitor', async () => {
      const events = await eventsOf(followUp);
      return events.find(
        (event) => event.childWorkflowExecutionStartedEventAttributes ?? event.nexusOperationStartedEventAttributes,
      );
    });
  }

  /** The monitor of a call. */
  monitor(callSid: string): WorkflowHandle<typeof monitorOutboundCall> {
    return this.#rig().client.workflow.getHandle(monitorWorkflowId(callSid));
  }

  /** How the latest run of a call's monitor ended, as TypeScript reads it. */
  async completionOf(callSid: string): Promise<MonitorCompletion> {
    return await this.monitor(callSid)
      .result()
      .then(
        (result) => ({ result }),
        (error: unknown) => ({ failure: completionFailureOf(callSid, error) }),
      );
  }

  /** Whether somebody asked the monitor of a call to end. */
  async isCancelRequested(callSid: string): Promise<boolean> {
    const events = await eventsOf(this.monitor(callSid));
    return events.some((event) => event.workflowExecutionCancelRequestedEventAttributes);
  }

  /** What a monitor, or a workflow that follows a call, was sent and has read. */
  async messagesOf(workflow: Pick<WorkflowHandle, 'fetchHistory'>): Promise<Message[]> {
    return messagesIn(await eventsOf(workflow));
  }

  /** How many runs a call's monitor has, once the list of workflows has the latest. */
  async countRuns(callSid: string): Promise<number> {
    const { runId } = await this.monitor(callSid).describe();
    const query = `WorkflowId = "${monitorWorkflowId(callSid)}"`;
    return await eventually('the latest run in the list', async () => {
      const runs: string[] = [];
      for await (const run of this.#rig().client.workflow.list({ query })) runs.push(run.runId);
      return runs.includes(runId) ? runs.length : undefined;
    });
  }
}

async function eventsOf(workflow: Pick<WorkflowHandle, 'fetchHistory'>): Promise<Events> {
  return (await workflow.fetchHistory()).events ?? [];
}

/** One rig for the tests of a file; every run of a monitor that is followed is replayed. */
export function useFollowUpRig(): FollowUpRig {
  const rig = useDevServerRig({ searchAttributes: false });
  const followUps = new FollowUpRig(rig);
  const stops: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const languages = followUps.languages.filter(({ notRun }) => notRun === undefined);
    const starts = [startMonitoring(rig()), ...languages.map((language) => language.startWorker())];
    const started = await Promise.allSettled(starts);
    for (const start of started) if (start.status === 'fulfilled') stops.push(start.value);
    await Promise.all(starts);
  });
  afterAll(async () => {
    await Promise.all(stops.map((stop) => stop()));
  });
  return followUps;
}

/** The worker that monitors, behind the endpoint. The API rejects the token of its account `rejected`. */
async function startMonitoring({ client, nativeConnection, server, simulator }: DevServerRig) {
  const { namespace } = server;
  await client.connection.operatorService.createNexusEndpoint({
    spec: { name: 'outbound-calls', target: { worker: { namespace, taskQueue: DEFAULT_TASK_QUEUE } } },
  });
  const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  const rejected = new PolyAiClient({ baseUrl: simulator.url, token: 'wrong' });
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue: DEFAULT_TASK_QUEUE,
    workflowBundle: { codePath: inject('workflowBundlePath') },
    activities: createActivities({ polyAi, accounts: { rejected } }),
    nexusServices: [createNexusServiceHandler()],
  });
  const running = worker.run();
  return async (): Promise<void> => {
    worker.shutdown();
    await running;
    await Promise.all([polyAi.close(), rejected.close()]);
  };
}
