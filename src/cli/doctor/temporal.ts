import { readFileSync } from 'node:fs';
import type { Client, Connection } from '@temporalio/client';

import { formatDuration } from '../../contract/duration.js';
import { GRPC_STATUS, grpcStatusOf } from '../../platform/grpc.js';
import { RECENT_POLL_MS } from '../temporal.js';
import { failure, type Finding, isCredentialRefused, notChecked, ok, reasonOf, warning } from './report.js';

const SHORT_RETENTION_MS = 86_400_000;

/** Whether the namespace is there, and how long it keeps what has ended. */
export async function checkNamespace(
  { client, namespace, address }: TemporalAccess,
  { keepsOutcomes }: { readonly keepsOutcomes: boolean },
): Promise<Finding> {
  try {
    const { config } = await client.workflowService.describeNamespace({ namespace });
    const retentionMs = timestampMs(config?.workflowExecutionRetentionTtl);
    if (retentionMs === undefined) return ok(`"${namespace}" is there`);
    const found = `"${namespace}" keeps closed workflows for ${formatDuration(retentionMs)}`;
    if (keepsOutcomes || retentionMs >= SHORT_RETENTION_MS) return ok(found);
    return warning(
      `${found}, and no outcome store keeps outcomes longer`,
      `temporal operator namespace update --retention 72h${namespaceFlag({ namespace })}, or set POLYAI_OUTCOMES_URL`,
    );
  } catch (error) {
    if (isCredentialRefused(error)) {
      const remedy = 'check TEMPORAL_NAMESPACE and TEMPORAL_API_KEY';
      return failure(`${address} does not let us into namespace "${namespace}": ${reasonOf(error)}`, remedy);
    }
    if (grpcStatusOf(error) !== GRPC_STATUS.NOT_FOUND) throw error;
    return failure(
      `${address} has no namespace "${namespace}"`,
      `set TEMPORAL_NAMESPACE, or: temporal operator namespace create --namespace ${namespace}`,
    );
  }
}

interface PolledQueue {
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

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

/** The namespace's own search attributes and their types; nothing where the server does not let us ask. */
export async function readSearchAttributes({
  connection,
  namespace,
}: TemporalAccess): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return new Map(Object.entries(customAttributes).map(([name, type]) => [name, type]));
  } catch (error) {
    if (isCredentialRefused(error) || grpcStatusOf(error) === GRPC_STATUS.UNIMPLEMENTED) return undefined;
    throw error;
  }
}

/** Whether a search attribute is there, as a Keyword. Monitors do without it, but are not found by it. */
export function judgeSearchAttribute(
  name: string,
  attributes: ReadonlyMap<string, number> | undefined,
  access: Pick<TemporalAccess, 'namespace'>,
): Finding {
  if (!attributes) {
    return notChecked(
      'the server does not let us ask, as on Temporal Cloud: see "Search Attributes" of the namespace in its Web UI',
    );
  }
  const type = attributes.get(name);
  if (type === KEYWORD) return ok('registered, type Keyword; workers see it when they start');
  const create = `temporal operator search-attribute create --name ${name} --type Keyword${namespaceFlag(access)}`;
  if (type === undefined)
    return warning('not registered: no list can be searched by it', `${create}, then restart the workers`);
  const remove = `temporal operator search-attribute remove --name ${name}${namespaceFlag(access)}`;
  return warning(
    'registered, but not with type Keyword: it is not used',
    `${remove} && ${create}, then restart the workers`,
  );
}

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** Which package this is, on which Node.js. */
export function checkVersions(nodeVersion: string = process.versions.node): Finding {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version, engines } = JSON.parse(manifest) as Manifest;
  const found = `temporal-polyai ${version}, Node.js ${nodeVersion}`;
  const oldest = engines.node.replace(/^>=/, '');
  if (nodeVersion.localeCompare(oldest, 'en', { numeric: true }) >= 0) return ok(found);
  return warning(`${found}, which is older than ${oldest}`, `install Node.js ${oldest} or newer`);
}

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
function namespaceFlag({ namespace }: Pick<TemporalAccess, 'namespace'>): string {
  return namespace === 'default' ? '' : ` --namespace ${namespace}`;
}

/** Milliseconds since the epoch of a timestamp of Temporal's API. */
export function timestampMs(
  timestamp: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): number | undefined {
  if (timestamp == null) return undefined;
  return Number(timestamp.seconds ?? 0) * 1_000 + (timestamp.nanos ?? 0) / 1e6;
}
