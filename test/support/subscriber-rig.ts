import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { afterEach, beforeAll, expect, inject, type RunnerTestCase } from 'vitest';

import { NOTIFY_WHEN_ENDED_SIGNAL_NAME } from '../../src/contract/names.js';
import { monitorWorkflowId } from '../../src/index.js';
import { eventually } from './eventually.js';
import { subscriberHistories } from './recorded-histories.js';
import { fetchRuns, type Run, useReplay } from './replay.js';
import { RunningWorkers } from './running-workers.js';
import type * as subscribers from './workflows/subscribers.js';

type SubscriberType = Exclude<keyof typeof subscribers, 'nextStepSignal'>;
type Events = NonNullable<Awaited<ReturnType<typeof fetchRuns>>[number]['events']>;

const SUBSCRIBERS_TASK_QUEUE = 'subscribers';

/** The server of another rig, on which the subscribers run. */
export interface SubscriberHome {
  readonly client: Client;
  readonly connection: NativeConnection;
}

/** Users' workflows that call `awaitCallOutcome`, in a worker of their own. */
export class SubscriberRig {
  /** Also for a worker that a test creates. */
  readonly workflowBundle = { codePath: inject('callerBundlePath') };
  readonly #home: () => SubscriberHome;
  readonly #started = new Set<string>();
  readonly #workers = new RunningWorkers();
  #ended = 0;

  constructor(home: () => SubscriberHome) {
    this.#home = home;
  }

  /** Runs a worker for the subscribers until `work` is done. */
  async whileWorking<T>(work: () => Promise<T>): Promise<T> {
    const { client, connection } = this.#home();
    const { namespace } = client.options;
    const options = { connection, namespace, taskQueue: SUBSCRIBERS_TASK_QUEUE, workflowBundle: this.workflowBundle };
    return await this.#workers.runUntil(await Worker.create(options), work);
  }

  /** Starts a subscriber, whose runs are replayed after the test. */
  async start<T extends SubscriberType>(
    type: T,
    args: Parameters<(typeof subscribers)[T]>,
    workflowId = `subscriber-${randomUUID()}`,
  ): Promise<WorkflowHandle<(typeof subscribers)[T]>> {
    this.#started.add(workflowId);
    const options = { workflowId, taskQueue: SUBSCRIBERS_TASK_QUEUE, args: args as unknown[] };
    return await this.#home().client.workflow.start<(typeof subscribers)[T]>(type, options as never);
  }

  /** The events of all runs of a workflow, in order. */
  async eventsOf(workflowId: string): Promise<Events> {
    return (await fetchRuns(this.#home().client, workflowId)).flatMap(({ events }) => events ?? []);
  }

  /** How many events of a workflow have these attributes. */
  async count(workflowId: string, kind: keyof Events[number]): Promise<number> {
    return (await this.eventsOf(workflowId)).filter((event) => event[kind]).length;
  }

  /** How many subscriptions a monitor has received. Its `getStatus` signals it as well. */
  async subscriptions(monitorWorkflowId: string): Promise<number> {
    const events = await this.eventsOf(monitorWorkflowId);
    const signals = events.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? []);
    return signals.filter((name) => name === NOTIFY_WHEN_ENDED_SIGNAL_NAME).length;
  }

  /** Waits until the monitor of a call has received so many subscriptions. */
  async untilSubscribed(callSid: string, times = 1): Promise<void> {
    const subscriptions = async (): Promise<number> => await this.subscriptions(monitorWorkflowId(callSid));
    // There may be no monitor yet.
    await eventually(`${times} subscriptions`, async () =>
      (await subscriptions().catch(() => 0)) >= times ? true : undefined,
    );
  }

  /** Ends a test: gives its runs, or stops what it left running when it failed. */
  async settle({ result }: RunnerTestCase): Promise<Run[]> {
    const started = [...this.#started];
    this.#started.clear();
    if (result?.state !== 'fail') return await this.#fetch(started);
    await this.#workers.stop();
    return [];
  }

  async #fetch(workflowIds: readonly string[]): Promise<Run[]> {
    const all: Run[] = [];
    for (const workflowId of workflowIds) {
      for (const history of await fetchRuns(this.#home().client, workflowId)) {
        this.#ended += 1;
        subscriberHistories.record(history, `${basename(expect.getState().testPath ?? '', '.test.ts')}-${this.#ended}`);
        all.push({ workflowId, history });
      }
    }
    return all;
  }
}

/**
 * Subscribers for the tests of a file. Call it after the rig whose server they use, which may be another one in each test.
 * Every run is replayed.
 */
export function useSubscriberRig(home: () => SubscriberHome): () => SubscriberRig {
  let rig: SubscriberRig | undefined;
  const addToReplay = useReplay({ codePath: inject('callerBundlePath') });
  beforeAll(() => {
    rig = new SubscriberRig(home);
  });
  afterEach(async ({ task }) => {
    if (rig) addToReplay(await rig.settle(task));
  });
  return () => rig!;
}
