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

/** A task queue, for workflow tasks or for activity tasks. */
export interface PolledQueue {
  readonly taskQueue: string;
  readonly kind: 'workflows' | 'activities';
}

export interface Poller {
  /** `<pid>@<host>` unless the worker sets another. */
  readonly identity: string;
  /** How long ago it last polled, in milliseconds. */
  readonly ageMs: number;
}

/** The workers that the server remembers to have polled a task queue. */
export async function readPollers(client: Client, { taskQueue, kind }: PolledQueue): Promise<Poller[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPES[kind],
  });
  return pollers.map(({ identity, lastAccessTime }) => ({
    identity: identity ?? '',
    ageMs: Date.now() - (optionalTsToMs(lastAccessTime) ?? 0),
  }));
}

/** The workers that are there: they poll the task queue. */
export async function readRunningPollers(client: Client, queue: PolledQueue): Promise<Poller[]> {
  return (await readPollers(client, queue)).filter(({ ageMs }) => ageMs < RECENT_POLL_MS);
}
