import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

type DescribeTaskQueue = Client['workflowService']['describeTaskQueue'];
type TaskQueueType = NonNullable<Parameters<DescribeTaskQueue>[0]['taskQueueType']>;

/** `TaskQueueType` of Temporal's API, whose enum is in @temporalio/proto. */
const TASK_QUEUE_TYPES = { workflows: 1, activities: 2 } as unknown as Readonly<
  Record<'workflows' | 'activities', TaskQueueType>
>;

/** A worker that polled within this time is running: a poll without a task takes one minute, and the next follows at once. */
export const RECENT_POLL_MS = 2 * 60_000;

/** The part of a client that reads task queues. */
interface TaskQueueClient {
  readonly workflowService: Pick<Client['workflowService'], 'describeTaskQueue'>;
  readonly options: { readonly namespace: string };
}

/** A task queue, for workflow tasks or for activity tasks. */
export interface PolledQueue {
  readonly taskQueue: string;
  readonly kind: 'workflows' | 'activities';
}

/** A version of a worker deployment. */
export interface DeploymentVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

export interface Poller {
  /** `<pid>@<host>` unless the worker sets another. */
  readonly identity: string;
  /** How long ago it last polled, in milliseconds. */
  readonly ageMs: number;
  /** `undefined` without worker versioning. */
  readonly version: DeploymentVersion | undefined;
}

/** Who polls a task queue, and which versions get its tasks. */
export interface TaskQueueState {
  /** The workers that the server remembers. */
  readonly pollers: readonly Poller[];
  /** `undefined` where workers without versioning get the tasks. */
  readonly current: DeploymentVersion | undefined;
  /** Gets a share of the tasks, in percent. */
  readonly ramping: (DeploymentVersion & { readonly percentage: number }) | undefined;
}

/** `WORKER_VERSIONING_MODE_VERSIONED` of Temporal's API. */
const VERSIONED = 2;

/** Describes a task queue. */
export async function readTaskQueue(
  client: TaskQueueClient,
  { taskQueue, kind }: PolledQueue,
): Promise<TaskQueueState> {
  const { pollers, versioningInfo: info } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPES[kind],
  });
  const ramping = versionOf(info?.rampingDeploymentVersion);
  return {
    pollers: pollers.map(({ identity, lastAccessTime, deploymentOptions: options }) => ({
      identity: identity ?? '',
      ageMs: Date.now() - (optionalTsToMs(lastAccessTime) ?? 0),
      version: Number(options?.workerVersioningMode) === VERSIONED ? versionOf(options) : undefined,
    })),
    current: versionOf(info?.currentDeploymentVersion),
    ramping: ramping && { ...ramping, percentage: info?.rampingVersionPercentage ?? 0 },
  };
}

type VersionMessage = { readonly deploymentName?: string | null; readonly buildId?: string | null } | null | undefined;

function versionOf(message: VersionMessage): DeploymentVersion | undefined {
  const { deploymentName, buildId } = message ?? {};
  return deploymentName && buildId ? { deploymentName, buildId } : undefined;
}

/** The workers that the server remembers to have polled a task queue. */
export async function readPollers(client: TaskQueueClient, queue: PolledQueue): Promise<readonly Poller[]> {
  return (await readTaskQueue(client, queue)).pollers;
}

/** The workers that are there: they poll the task queue. */
export async function readRunningPollers(client: TaskQueueClient, queue: PolledQueue): Promise<Poller[]> {
  return (await readPollers(client, queue)).filter(({ ageMs }) => ageMs < RECENT_POLL_MS);
}
