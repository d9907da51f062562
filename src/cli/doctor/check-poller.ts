import { formatDuration } from '../../contract/duration.js';
import { RECENT_POLL_MS } from '../recent-poll.js';
import { failure, type Finding, ok } from './check.js';
import { TASK_QUEUE_TYPES, type TemporalAccess, timestampMs } from './temporal-access.js';

export interface PolledQueue {
  readonly taskQueue: string;
  readonly kind: keyof typeof TASK_QUEUE_TYPES;
}

/** Whether a worker polls the task queue, for workflows or for activities. */
export async function checkPoller(
  { client, namespace }: TemporalAccess,
  { taskQueue, kind }: PolledQueue,
): Promise<Finding> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPES[kind],
  });
  const agesMs = pollers.map(({ lastAccessTime }) => Date.now() - (timestampMs(lastAccessTime) ?? 0));
  const recent = agesMs.filter((ageMs) => ageMs < RECENT_POLL_MS);
  const latestMs = Math.min(...agesMs);
  if (recent.length > 0) {
    const polled = latestMs < 1_000 ? 'now' : `${formatDuration(latestMs)} ago`;
    const workers = recent.length === 1 ? '1 worker polls' : `${recent.length} workers poll`;
    return ok(`${workers} "${taskQueue}" for ${kind}, last ${polled}`);
  }
  const since = pollers.length > 0 ? `; the last poll was ${formatDuration(latestMs)} ago` : '';
  return failure(
    `no worker polls "${taskQueue}" for ${kind}${since}`,
    'start one: temporal-polyai worker (and compare its POLYAI_TASK_QUEUE and TEMPORAL_NAMESPACE)',
  );
}
