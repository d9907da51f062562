import { NativeConnection, type WorkerPlugin } from '@temporalio/worker';

import { openCampaignStore } from '../../src/campaigns/open.js';
import type { SqlCampaignStoreOptions } from '../../src/campaigns/sql-store.js';
import { readTaskQueue } from '../../src/platform/pollers.js';
import type { CampaignRig } from './campaign-rig.js';
import { eventually } from './eventually.js';
import type { fetchRuns } from './replay.js';

/** Of what a worker does that has to replay a workflow first. */
const PATIENTLY = { withinMs: 300_000 };

/** A worker of the user's own whose workflows are pinned. */
const PINNED: WorkerPlugin = {
  name: 'pinned',
  configureWorker: ({ workerDeploymentOptions: { version } = {}, ...options }) => ({
    ...options,
    workerDeploymentOptions: { version: version!, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' },
  }),
};

export interface DeployedWorker {
  readonly buildId: string;
  /** Resolves when it has stopped. */
  shutDown(): Promise<void>;
}

/** A worker deployment whose workflows are pinned, with versions beside each other, each with any number of workers. */
export class RollingDeployment {
  constructor(
    private readonly rig: CampaignRig,
    /** Of the deployment and of its task queue. */
    private readonly name: string,
    private readonly options: SqlCampaignStoreOptions & { readonly plugins?: readonly WorkerPlugin[] } = {},
  ) {}

  /** Starts a worker of a version. As a process of its own would, it has connections of its own to server and database. */
  async startWorker(buildId: string): Promise<DeployedWorker> {
    const { rig, name: taskQueue } = this;
    const { plugins = [], now } = this.options;
    const connection = await NativeConnection.connect({ address: rig.server.server.address });
    const campaigns = openCampaignStore(rig.url, { now });
    const polyAi = rig.createClient();
    const deployment = { deploymentName: this.name, buildId };
    const options = { connection, taskQueue, deployment, campaigns, plugins: [PINNED, ...plugins] };
    const worker = await rig.createWorker(polyAi, options);
    let end!: () => void;
    const work = new Promise<void>((resolve) => (end = resolve));
    const stopped = rig.server
      .runUntil(worker, () => work)
      .finally(async () => {
        await Promise.all([polyAi.close(), campaigns.close(), connection.close()]);
      });
    // Of a test that has failed, the rig stops the workers.
    stopped.catch(() => undefined);
    return {
      buildId,
      shutDown: async () => {
        end();
        await stopped;
      },
    };
  }

  /** As `temporal worker deployment set-current-version` does. Resolves when the task queue knows it, too. */
  async setCurrentVersion(buildId: string): Promise<void> {
    const { client, server } = this.rig.server;
    const request = { namespace: server.namespace, deploymentName: this.name, buildId };
    // The server learns of a version from its worker's first poll.
    await eventually(`version ${buildId}`, () =>
      client.workflowService
        .setWorkerDeploymentCurrentVersion(request)
        .then(() => true)
        .catch(() => undefined),
    );
    // A workflow that sleeps is told of the new version with its next workflow task only, so that one must not come before.
    await eventually(`the task queue to know version ${buildId}`, async () => {
      const { current } = await readTaskQueue(client, { taskQueue: this.name, kind: 'workflows' });
      return current?.buildId === buildId ? true : undefined;
    });
  }

  /** Waits until the campaign's workflow has moved to a version. */
  async movesTo(buildId: string, workflowId: string): Promise<void> {
    const { workflow } = this.rig.server.client;
    const hasMoved = async (): Promise<true | undefined> => {
      const { raw } = await workflow.getHandle(workflowId).describe();
      return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId === buildId ? true : undefined;
    };
    await eventually(`a run on ${buildId}`, hasMoved, PATIENTLY);
  }

  /** Shuts down the last worker of a version when no workflow runs on it any more. */
  async retire(worker: DeployedWorker): Promise<void> {
    const version = `${this.name}:${worker.buildId}`;
    const query = `TemporalWorkerDeploymentVersion = "${version}" AND ExecutionStatus = "Running"`;
    const isDrained = async (): Promise<true | undefined> => {
      const { count } = await this.rig.server.client.workflow.count(query);
      return count === 0 ? true : undefined;
    };
    await eventually(`${version} to be drained`, isDrained, PATIENTLY);
    await worker.shutDown();
  }
}

/** The versions that completed the workflow tasks of each run. */
export function versionsOf(runs: Awaited<ReturnType<typeof fetchRuns>>): string[][] {
  return runs.map(({ events }) => {
    const completed = events!.flatMap(({ workflowTaskCompletedEventAttributes: task }) => task ?? []);
    return [...new Set(completed.map(({ deploymentVersion }) => deploymentVersion!.buildId!))];
  });
}
