import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, Worker, type NativeConnection } from '@temporalio/worker';
import { afterEach, beforeAll, expect } from 'vitest';

import { subscriberHistories } from './recorded-histories.js';
import { expectReplay, fetchRuns, type Run } from './replay.js';
import type * as askers from './workflows/askers.js';

type AskerType = Exclude<keyof typeof askers, 'goOnSignal'>;
type Bundle = Awaited<ReturnType<typeof bundleWorkflowCode>>;
type Events = NonNullable<Awaited<ReturnType<typeof fetchRuns>>[number]['events']>;

const ASKERS_TASK_QUEUE = 'askers';

/** Where askers run: the server of another rig. */
export interface AskerHome {
  readonly client: Client;
  readonly connection: NativeConnection;
}

/** Users' workflows that await calls, in a worker that has nothing else. */
export class AskerRig {
  readonly #home: () => AskerHome;
  readonly #bundle: Bundle;
  readonly #started = new Set<string>();
  #replayed = 0;

  constructor(home: () => AskerHome, bundle: Bundle) {
    this.#home = home;
    this.#bundle = bundle;
  }

  /** Runs a worker with the askers until `work` is done. */
  async whileWorking<T>(work: () => Promise<T>): Promise<T> {
    const { client, connection } = this.#home();
    const { namespace } = client.options;
    const options = { connection, namespace, taskQueue: ASKERS_TASK_QUEUE, workflowBundle: this.#bundle };
    return await (await Worker.create(options)).runUntil(work);
  }

  /** For a worker that a test makes by itself. */
  get workflowBundle(): Bundle {
    return this.#bundle;
  }

  /** Starts an asker; remembered, so that its runs are replayed after the test. */
  async start<T extends AskerType>(
    type: T,
    args: Parameters<(typeof askers)[T]>,
    workflowId = `asker-${randomUUID()}`,
  ): Promise<WorkflowHandle<(typeof askers)[T]>> {
    this.#started.add(workflowId);
    const options = { workflowId, taskQueue: ASKERS_TASK_QUEUE, args: args as unknown[] };
    return await this.#home().client.workflow.start<(typeof askers)[T]>(type, options as never);
  }

  /** The histories of all runs of a workflow, one after the other. */
  async eventsOf(workflowId: string): Promise<Events> {
    return (await fetchRuns(this.#home().client, workflowId)).flatMap(({ events }) => events ?? []);
  }

  /** How often a workflow did what these attributes stand for. */
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
 * Askers for the tests of a file; call it after the rig that gives them a home, which may be another one in each test. Every
 * run that they start is replayed.
 */
export function useAskerRig(home: () => AskerHome): () => AskerRig {
  let rig: AskerRig | undefined;
  beforeAll(async () => {
    rig = new AskerRig(home, await bundleAskers());
  });
  afterEach(async () => await rig?.settle());
  return () => rig!;
}

export async function bundleAskers(): Promise<Bundle> {
  const workflowsPath = fileURLToPath(new URL('workflows/askers.ts', import.meta.url));
  return await bundleWorkflowCode({ workflowsPath, logger: silent });
}

const ignore = (): void => undefined;
const silent = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: console.error };
