import type { Payload } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

import { formatDuration } from '../../contract/duration.js';
import type { PollProgress } from '../../contract/get-status.js';
import { MONITOR_WORKFLOW_TYPE, REPORT_STATUS_SIGNAL_NAME } from '../../contract/names.js';
import type { CallObservation } from '../../contract/observation.js';
import { ALARM_AFTER_MS, isAtRisk, outcomeSafeUntil, type WatchedCall } from '../../contract/retention.js';
import { GRPC_STATUS, grpcStatusOf } from '../../platform/grpc.js';
import { PayloadReader } from '../../platform/payloads.js';
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
      'run this where the payload codec of the workers is set up, or see the monitors in the Web UI',
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

/** `WORKFLOW_EXECUTION_STATUS_RUNNING` of Temporal's API. */
const RUNNING = 1;

/**
 * The last observation in the heartbeat of a monitor's pending activity, if it has one; `ended` when the monitor has ended,
 * `unreadable` when the client lacks the payload codec.
 */
async function lastHeartbeat(
  { client, namespace }: TemporalAccess,
  workflowId: string,
): Promise<CallObservation | 'ended' | 'unreadable' | undefined> {
  try {
    const request = { namespace, execution: { workflowId } };
    const { workflowExecutionInfo: info, pendingActivities } =
      await client.workflowService.describeWorkflowExecution(request);
    if (Number(info?.status) !== RUNNING) return 'ended';
    const payloads = new PayloadReader(client);
    const heartbeats = await Promise.all(
      pendingActivities.flatMap(({ activityId, heartbeatDetails }) => {
        const payload = heartbeatDetails?.payloads?.[0];
        return payload ? [payloads.ofActivity({ workflowId, activityId }, payload)] : [];
      }),
    );
    if (heartbeats.includes(undefined)) return 'unreadable';
    const observations = heartbeats.flatMap((heartbeat) => (heartbeat as PollProgress | null)?.observation ?? []);
    return observations.sort((a, b) => b.observedAt.localeCompare(a.observedAt))[0];
  } catch (error) {
    if (grpcStatusOf(error) === GRPC_STATUS.NOT_FOUND) return 'ended';
    throw error;
  }
}

const PAGE_EVENTS = 200;
/** 1,000 events are 45 minutes of a rejected token, which causes more events than anything else without an observation. */
const MAX_PAGES = 5;

type HistoryPage = Awaited<
  ReturnType<TemporalAccess['connection']['workflowService']['getWorkflowExecutionHistoryReverse']>
>;
type HistoryEvent = NonNullable<NonNullable<HistoryPage['history']>['events']>[number];

/**
 * Reads a monitor's history backwards to the last observation; `undefined` where its payloads cannot be read. Without an
 * observation, `startedAt` is the earliest time that was read.
 */
async function readHistory(access: TemporalAccess, workflowId: string): Promise<WatchedCall | undefined> {
  const reader = new EventReader(access.client, workflowId);
  let nextPageToken: Uint8Array = new Uint8Array();
  let startedAt = new Date().toISOString();
  let lastObservation: CallObservation | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer: HistoryPage = await access.client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: access.namespace,
      execution: { workflowId },
      maximumPageSize: PAGE_EVENTS,
      nextPageToken,
    });
    for (const event of answer.history?.events ?? []) {
      startedAt = new Date(optionalTsToMs(event.eventTime) ?? 0).toISOString();
      const report = await reader.read(event);
      if (report === 'unreadable') return undefined;
      if (report?.observation) lastObservation = laterOf(report.observation, lastObservation);
      if (lastObservation && !reader.isWithinActivity) return { startedAt, lastObservation };
      if (report?.startedAtMs !== undefined) return { startedAt: new Date(report.startedAtMs).toISOString() };
    }
    nextPageToken = answer.nextPageToken;
    if (nextPageToken.length === 0) break;
  }
  return { startedAt, ...(lastObservation && { lastObservation }) };
}

function laterOf(one: CallObservation, other: CallObservation | undefined): CallObservation {
  return other && other.observedAt > one.observedAt ? other : one;
}

interface EventReport {
  readonly observation?: CallObservation;
  readonly startedAtMs?: number;
}

/** Reads what the events of a monitor say about its call, the latest event first. */
class EventReader {
  readonly #payloads: PayloadReader;
  /** Results, failures and heartbeats of activities, by the event that scheduled the activity and has its ID. */
  readonly #endings = new Map<string, Payload>();

  constructor(
    client: TemporalAccess['client'],
    private readonly workflowId: string,
  ) {
    this.#payloads = new PayloadReader(client);
  }

  /** Whether an activity has ended whose scheduling is still to be read: what it knew was later than what is in between. */
  get isWithinActivity(): boolean {
    return this.#endings.size > 0;
  }

  /** A result, failure, heartbeat or report of `getStatus`, or the state after continue-as-new. */
  async read(event: HistoryEvent): Promise<EventReport | 'unreadable' | undefined> {
    const payload = await this.#payloadOf(event);
    if (!payload) return undefined;
    const { value } = payload;
    if (value === undefined) return 'unreadable';
    if (typeof value !== 'object' || value === null) return undefined;
    const { observation, lastObservation, startedAtMs } = value as EventReport & { lastObservation?: CallObservation };
    const known = observation ?? lastObservation;
    return { ...(known && { observation: known }), ...(startedAtMs !== undefined && { startedAtMs }) };
  }

  async #payloadOf(event: HistoryEvent): Promise<{ readonly value: unknown } | undefined> {
    const { workflowId } = this;
    const ending = endingOf(event);
    if (ending) this.#endings.set(ending.scheduledEventId, ending.payload);
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const payload = this.#endings.get(String(event.eventId));
      this.#endings.delete(String(event.eventId));
      const { activityId } = scheduled;
      return payload && { value: await this.#payloads.ofActivity({ workflowId, activityId }, payload) };
    }
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (signal?.signalName === REPORT_STATUS_SIGNAL_NAME) {
      return { value: await this.#payloads.ofWorkflow(workflowId, signal.input?.payloads?.[0]) };
    }
    const started = event.workflowExecutionStartedEventAttributes;
    // The second argument of a run that continues another is that run's state.
    const state = started?.continuedExecutionRunId ? started.input?.payloads?.[1] : undefined;
    return state && { value: await this.#payloads.ofWorkflow(workflowId, state) };
  }
}

/** What an activity returned, or what its failure says first. */
function endingOf(event: HistoryEvent): { readonly scheduledEventId: string; readonly payload: Payload } | undefined {
  const completed = event.activityTaskCompletedEventAttributes;
  const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
  const failure = failed?.failure;
  const details = failure?.applicationFailureInfo?.details ?? failure?.timeoutFailureInfo?.lastHeartbeatDetails;
  const payload = (completed?.result ?? details)?.payloads?.[0];
  return payload && { scheduledEventId: String((completed ?? failed)?.scheduledEventId), payload };
}
