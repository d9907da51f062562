import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, Worker, type NativeConnection } from '@temporalio/worker';
import { afterEach, beforeAll, expect } from 'vitest';

import { subscriberHistories } from './recorded-histories.js';
import { expectReplay, fetchRuns, type Run } from './replay.js';
import type * as subscribers from './workflows/subscribers.js';

type SubscriberType = Exclude<keyof typeof subscribers, 'nextStepSignal'>;
type Bundle = Awaited<ReturnType<typeof bundleWorkflowCode>>;
type Events = NonNullable<Awaited<ReturnType<typeof fetchRuns>>[number]['events']>;

const SUBSCRIBERS_TASK_QUEUE = 'subscribers';

/** The server of another rig, on which the subscribers run. */
export interface SubscriberHome {
  readonly client: Client;
  readonly connection: NativeConnection;
}

/** Users' workflows that call `awaitCallOutcome`, in a worker of their own. */
export class SubscriberRig {
  readonly #home: () => SubscriberHome;
  readonly #bundle: Bundle;
  readonly #started = new Set<string>();
  #replayed = 0;

  constructor(home: () => SubscriberHome, bundle: Bundle) {
    this.#home = home;
    this.#bundle = bundle;
  }

  /** Runs a worker for the subscribers until `work` is done. */
  async whileWorking<T>(work: () => Promise<T>): Promise<T> {
    const { client, connection } = this.#home();
    const { namespace } = client.options;
    const options = { connection, namespace, taskQueue: SUBSCRIBERS_TASK_QUEUE, workflowBundle: this.#bundle };
    return await (await Worker.create(options)).runUntil(work);
  }

  /** For a worker that a test creates. */
  get workflowBundle(): Bundle {
    return this.#bundle;
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

  async settle(): Promise<void> {
    const all: Run[] = [];
    for (const workflowId of this.#started) {
      for (const history of await fetchRuns(this.#home().client, workflowId)) {
        this.#replayed += 1;
        subscriberHistories.record(
          history,
          `${basename(expect.getState().testPath ?? '', '.test.ts')}-${this.#replayed}`,
        );
        all.push({ workflowId, history });
      }
    }
    if (all.length > 0) await expectReplay(all, this.#bundle);
    this.#started.clear();
  }
}

/**
 * Subscribers for the tests of a file. Call it after the rig whose server they use, which may be another one in each test.
 * Every run is replayed.
 */
export function useSubscriberRig(home: () => SubscriberHome): () => SubscriberRig {
  let rig: SubscriberRig | undefined;
  beforeAll(async () => {
    rig = new SubscriberRig(home, await bundleSubscribers());
  });
  afterEach(async () => await rig?.settle());
  return () => rig!;
}

export async function bundleSubscribers(): Promise<Bundle> {
  const workflowsPath = fileURLToPath(new URL('workflows/subscribers.ts', import.meta.url));
  return await bundleWorkflowCode({ workflowsPath, logger: silent });
}

const ignore = (): void => undefined;
const silent = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: console.error };
