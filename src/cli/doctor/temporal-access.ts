import type { Client, Connection } from '@temporalio/client';

/** A server that was reached, and the namespace to look at. */
export interface TemporalAccess {
  readonly connection: Connection;
  readonly client: Client;
  readonly namespace: string;
  readonly address: string;
}

type DescribeTaskQueue = TemporalAccess['connection']['workflowService']['describeTaskQueue'];
type TaskQueueType = NonNullable<Parameters<DescribeTaskQueue>[0]['taskQueueType']>;

/** `TaskQueueType` of Temporal's API, whose own enum is in a package of its own. */
export const TASK_QUEUE_TYPES = { workflows: 1, activities: 2 } as unknown as Readonly<
  Record<'workflows' | 'activities', TaskQueueType>
>;

/** ` --namespace x` for a command of the Temporal CLI; nothing for its default. */
export function namespaceFlag({ namespace }: Pick<TemporalAccess, 'namespace'>): string {
  return namespace === 'default' ? '' : ` --namespace ${namespace}`;
}

/** Milliseconds since the epoch of a timestamp of Temporal's API. */
export function timestampMs(
  timestamp: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): number | undefined {
  if (timestamp == null) return undefined;
  return Number(timestamp.seconds ?? 0) * 1_000 + (timestamp.nanos ?? 0) / 1e6;
}
