import { formatDuration } from '../../contract/duration.js';
import { MONITOR_WORKFLOW_TYPE } from '../../contract/names.js';
import { ALARM_AFTER_MS, isAtRisk, outcomeSafeUntil } from '../../contract/retention.js';
import { lastHeartbeat, readHistory } from './last-observation.js';
import { failure, type Finding, ok, warning } from './report.js';
import type { TemporalAccess } from './temporal.js';

const MAX_MONITORS = 200;
const CONCURRENCY = 10;
const MAX_NAMED = 5;
const ALARM_AFTER = formatDuration(ALARM_AFTER_MS);

interface AtRiskOptions {
  readonly taskQueue: string;
  readonly nowMs: number;
  /** No monitor is read later than this, by `performance.now()`. */
  readonly stopAtMs: number;
}

type MonitorRisk =
  | { readonly kind: 'safe' | 'unknown' }
  | { readonly kind: 'at-risk'; readonly workflowId: string; readonly safeUntil: string };

/**
 * Checks that no running monitor has been without an observation for so long that its outcome may soon be lost. Reads a
 * bounded number of those monitors that have run for at least that long.
 */
export async function checkMonitorsAtRisk(access: TemporalAccess, options: AtRiskOptions): Promise<Finding> {
  const { workflowIds, hasMore } = await listOldMonitors(access, options);
  const risks = await readRisks(access, workflowIds, options);
  const atRisk = risks.filter((risk) => risk.kind === 'at-risk');
  const unknown = risks.filter(({ kind }) => kind === 'unknown').length;
  const isCutShort = risks.length < workflowIds.length;
  const scope = [
    `looked at ${risks.length}`,
    ...(hasMore || isCutShort ? ['there are more'] : []),
    ...(unknown > 0 ? [`${unknown} could not be read`] : []),
  ].join(', ');
  if (atRisk.length > 0) {
    const monitors = atRisk.length === 1 ? 'monitor' : 'monitors';
    return failure(
      `${atRisk.length} running ${monitors} with no observation for ${ALARM_AFTER} or more: ${renderSome(atRisk)} (${scope})`,
      'fix what fails above; to see the last error of each monitor: temporal-polyai status OUT-…',
    );
  }
  const found = `no running monitor has been without an observation for ${ALARM_AFTER} (${scope})`;
  if (isCutShort) return warning(found, 'Temporal answers slowly: check it, and run this again');
  if (unknown > 0)
    return warning(
      found,
      'the command line has no payload codec: if the workers have one, see the monitors in the Web UI, with a codec server',
    );
  if (hasMore) return warning(found, 'list the others by their alarm, in the Web UI: PolyAiAlarm IS NOT NULL');
  return ok(found);
}

function renderSome(atRisk: readonly Extract<MonitorRisk, { kind: 'at-risk' }>[]): string {
  const sorted = atRisk.toSorted((a, b) => a.safeUntil.localeCompare(b.safeUntil));
  const named = sorted.slice(0, MAX_NAMED).map(({ workflowId, safeUntil }) => `${workflowId} until ${safeUntil}`);
  const others = sorted.length - named.length;
  return `safe ${sorted.length === 1 ? 'is' : 'are'} ${named.join(', ')}${others > 0 ? ` and ${others} others` : ''}`;
}

/** Uses the gRPC service: the SDK's list decodes the memo, and fails where a payload codec is missing. */
async function listOldMonitors(
  { client, namespace }: TemporalAccess,
  { taskQueue, nowMs }: AtRiskOptions,
): Promise<{ workflowIds: string[]; hasMore: boolean }> {
  const query = [
    `WorkflowType = '${MONITOR_WORKFLOW_TYPE}'`,
    `ExecutionStatus = 'Running'`,
    `TaskQueue = '${taskQueue.replaceAll("'", "''")}'`,
    `StartTime <= '${new Date(nowMs - ALARM_AFTER_MS).toISOString()}'`,
  ].join(' AND ');
  const request = { namespace, query, pageSize: MAX_MONITORS };
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions(request);
  const workflowIds = executions.map(({ execution }) => execution?.workflowId ?? '');
  return { workflowIds, hasMore: nextPageToken.length > 0 };
}

async function readRisks(
  access: TemporalAccess,
  workflowIds: readonly string[],
  { nowMs, stopAtMs }: AtRiskOptions,
): Promise<MonitorRisk[]> {
  const risks: MonitorRisk[] = [];
  const queue = [...workflowIds];
  const readQueue = async (): Promise<void> => {
    for (;;) {
      const workflowId = performance.now() < stopAtMs ? queue.shift() : undefined;
      if (workflowId === undefined) return;
      risks.push(await readRisk(access, workflowId, nowMs));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, readQueue));
  return risks;
}

/** The heartbeat of a long poll has the latest observation. Without one, or with an old one, the history may have a later one. */
async function readRisk(access: TemporalAccess, workflowId: string, nowMs: number): Promise<MonitorRisk> {
  const observation = await lastHeartbeat(access, workflowId);
  if (observation === 'ended') return { kind: 'safe' };
  if (observation === 'unreadable') return { kind: 'unknown' };
  const byHeartbeat = observation && { startedAt: observation.observedAt, lastObservation: observation };
  if (byHeartbeat && !isAtRisk(byHeartbeat, nowMs)) return { kind: 'safe' };
  const byHistory = await readHistory(access, workflowId);
  if (!byHistory) return { kind: 'unknown' };
  const isSafe = [byHeartbeat, byHistory].some((call) => call && !isAtRisk(call, nowMs));
  const [safeUntil] = [byHeartbeat, byHistory]
    .flatMap((call) => (call && outcomeSafeUntil(call)) ?? [])
    .sort()
    .reverse();
  return isSafe || safeUntil === undefined ? { kind: 'safe' } : { kind: 'at-risk', workflowId, safeUntil };
}
