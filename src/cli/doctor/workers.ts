import { optionalTsToMs } from '@temporalio/common/lib/time.js';

import { formatDuration } from '../../contract/duration.js';
import { GRPC_STATUS, grpcStatusOf, isAccessDenied } from '../../platform/grpc.js';
import { counted } from '../../platform/printing.js';
import { type Finding, notChecked, ok } from './report.js';
import type { TemporalAccess } from './temporal.js';

const MAX_WORKERS = 100;
const MAX_NAMED = 5;

/** `WorkerStatus` of Temporal's API. */
const STATUS = { running: 1, shuttingDown: 2 };

/** Lists the workers of the task queue by their heartbeats, as `temporal worker list` does. */
export async function checkWorkers(
  access: Pick<TemporalAccess, 'client' | 'namespace'>,
  taskQueue: string,
): Promise<Finding> {
  const workers = await listWorkers(access, taskQueue);
  if (!workers) return notChecked('the server keeps no heartbeats of workers');
  if (workers.length === 0) return notChecked('no worker has sent a heartbeat, which a worker does every minute');
  const named = workers.slice(0, MAX_NAMED).map(describe);
  const others = workers.length - named.length;
  return ok(`${counted(workers.length, 'worker')}: ${named.join('; ')}${others > 0 ? ` and ${others} others` : ''}`);
}

type ListedWorkers = Awaited<ReturnType<TemporalAccess['client']['workflowService']['listWorkers']>>['workers'];

/** Those that run or are shutting down; `undefined` where the server cannot list them. */
async function listWorkers(
  { client, namespace }: Pick<TemporalAccess, 'client' | 'namespace'>,
  taskQueue: string,
): Promise<ListedWorkers | undefined> {
  const query = `TaskQueue = '${taskQueue.replaceAll("'", "''")}'`;
  try {
    const { workers } = await client.workflowService.listWorkers({ namespace, query, pageSize: MAX_WORKERS });
    return workers.filter(({ status }) => Object.values(STATUS).includes(Number(status)));
  } catch (error) {
    if (isAccessDenied(error) || grpcStatusOf(error) === GRPC_STATUS.UNIMPLEMENTED) return undefined;
    throw error;
  }
}

function describe(worker: ListedWorkers[number]): string {
  const { workerIdentity, sdkName, sdkVersion, startTime, status } = worker;
  const startedAtMs = optionalTsToMs(startTime);
  const facts = [
    [sdkName?.replace(/^temporal-/, ''), sdkVersion].filter(Boolean).join(' '),
    startedAtMs === undefined ? '' : `for ${formatDuration(Math.max(0, Date.now() - startedAtMs))}`,
    Number(status) === STATUS.shuttingDown ? 'shutting down' : '',
  ].filter(Boolean);
  return `${workerIdentity} (${facts.join(', ')})`;
}
