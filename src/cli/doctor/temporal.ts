import { readFileSync } from 'node:fs';
import type { Client, Connection } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

import { DAY_MS, formatDuration } from '../../contract/duration.js';
import { GRPC_STATUS, grpcStatusOf, isAccessDenied } from '../../platform/grpc.js';
import { type PolledQueue, readPollers, RECENT_POLL_MS } from '../../platform/pollers.js';
import { failure, type Finding, firstLineOf, ok, warning } from './report.js';

/** A server that was reached, and the namespace to check. */
export interface TemporalAccess {
  readonly connection: Connection;
  readonly client: Client;
  readonly namespace: string;
  readonly address: string;
  /** Empty where the server does not say. */
  readonly serverVersion: string;
}

const SHORT_RETENTION_MS = DAY_MS;

/** Checks that the namespace exists, and its retention. */
export async function checkNamespace(
  { client, namespace, address }: TemporalAccess,
  hasOutcomeStore: boolean,
): Promise<Finding> {
  try {
    const { config } = await client.workflowService.describeNamespace({ namespace });
    const retentionMs = optionalTsToMs(config?.workflowExecutionRetentionTtl);
    if (retentionMs === undefined) return ok(`"${namespace}" exists`);
    const found = `"${namespace}" keeps closed workflows for ${formatDuration(retentionMs)}`;
    if (hasOutcomeStore || retentionMs >= SHORT_RETENTION_MS) return ok(found);
    return warning(
      `${found}, and there is no outcome store`,
      `temporal operator namespace update --retention 72h${namespaceFlag({ namespace })} (on Temporal Cloud: ` +
        `tcld namespace retention set --namespace ${namespace} --retention-days 3), or set POLYAI_OUTCOMES_URL`,
    );
  } catch (error) {
    if (isAccessDenied(error)) {
      const remedy = 'check TEMPORAL_NAMESPACE and TEMPORAL_API_KEY';
      return failure(`${address} denies access to namespace "${namespace}": ${firstLineOf(error)}`, remedy);
    }
    if (grpcStatusOf(error) !== GRPC_STATUS.NOT_FOUND) throw error;
    return failure(
      `${address} has no namespace "${namespace}"`,
      `set TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace} (on Temporal Cloud: ` +
        `tcld namespace create)`,
    );
  }
}

/** Checks that a worker polls the task queue, for workflows or for activities. */
export async function checkPoller({ client }: TemporalAccess, queue: PolledQueue): Promise<Finding> {
  const { taskQueue, kind } = queue;
  const agesMs = (await readPollers(client, queue)).map(({ ageMs }) => ageMs);
  const recent = agesMs.filter((ageMs) => ageMs < RECENT_POLL_MS);
  const latestMs = Math.min(...agesMs);
  if (recent.length > 0) {
    const polled = latestMs < 1_000 ? 'now' : `${formatDuration(latestMs)} ago`;
    const workers = recent.length === 1 ? '1 worker polls' : `${recent.length} workers poll`;
    return ok(`${workers} "${taskQueue}" for ${kind}, last ${polled}`);
  }
  const since = agesMs.length > 0 ? `; the last poll was ${formatDuration(latestMs)} ago` : '';
  return failure(
    `no worker polls "${taskQueue}" for ${kind}${since}`,
    'start one: temporal-polyai worker (and compare its POLYAI_TASK_QUEUE and TEMPORAL_NAMESPACE)',
  );
}

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** The versions of this package and of Node.js, and whether Node.js is new enough. */
export function checkVersions(nodeVersion: string = process.versions.node): Finding {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version, engines } = JSON.parse(manifest) as Manifest;
  const found = `temporal-polyai ${version}, Node.js ${nodeVersion}`;
  const oldest = engines.node.replace(/^>=/, '');
  if (nodeVersion.localeCompare(oldest, 'en', { numeric: true }) >= 0) return ok(found);
  return warning(`${found}, which is older than ${oldest}`, `install Node.js ${oldest} or newer`);
}

/** ` --namespace x` for a command of the Temporal CLI; empty for its default. */
export function namespaceFlag({ namespace }: Pick<TemporalAccess, 'namespace'>): string {
  return namespace === 'default' ? '' : ` --namespace ${namespace}`;
}
