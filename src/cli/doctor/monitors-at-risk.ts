import type { Payload } from '@temporalio/common';

import { decodePayload } from '../../client/describe-monitor.js';
import { formatDuration } from '../../contract/duration.js';
import type { PollProgress } from '../../contract/get-status.js';
import { MONITOR_WORKFLOW_TYPE } from '../../contract/names.js';
import type { CallObservation } from '../../contract/observation.js';
import { ALARM_AFTER_MS, isAtRisk, outcomeSafeUntil, type WatchedCall } from '../../contract/retention.js';
import { GRPC_STATUS, grpcStatusOf } from '../../platform/grpc.js';
import { failure, type Finding, ok, warning } from './report.js';
import { type TemporalAccess, timestampMs } from './temporal.js';

const MAX_LOOKS = 200;
const AT_ONCE = 10;
const MAX_NAMED = 5;
const QUIET = `no good answer for ${formatDuration(ALARM_AFTER_MS)} or more`;

interface AtRiskOptions {
  readonly taskQueue: string;
  readonly nowMs: number;
  /** Then no more monitors are looked at. */
  readonly stopAtMs: number;
}

type Look =
  | { readonly kind: 'safe' | 'unknown' }
  | { readonly kind: 'at-risk'; readonly workflowId: string; readonly safeUntil: string };

/**
 * Whether running monitors have had no good answer for so long that it is time to act. Only those are looked at that have
 * run for as long; their number is bounded.
 */
export async function checkMonitorsAtRisk(access: TemporalAccess, options: AtRiskOptions): Promise<Finding> {
  const { workflowIds, hasMore } = await listOldMonitors(access, options);
  const looks = await lookAtAll(access, workflowIds, options);
  const atRisk = looks.filter((look) => look.kind === 'at-risk');
  const unknown = looks.filter(({ kind }) => kind === 'unknown').length;
  const isCutShort = looks.length < workflowIds.length;
  const scope = [
    `looked at ${looks.length}`,
    ...(hasMore || isCutShort ? ['there are more'] : []),
    ...(unknown > 0 ? [`${unknown} could not be read`] : []),
  ].join(', ');
  if (atRisk.length > 0) {
    return failure(
      `${atRisk.length} running ${atRisk.length === 1 ? 'monitor' : 'monitors'} with ${QUIET}: ${nameSome(atRisk)} (${scope})`,
      'mend what fails above; each of them shows its last error: temporal-polyai status OUT-…',
    );
  }
  const found = `no running monitor has gone without a good answer for ${formatDuration(ALARM_AFTER_MS)} (${scope})`;
  if (isCutShort) return warning(found, 'Temporal answers slowly: look at it, and run this again');
  if (unknown === 0 && hasMore)
    return warning(found, 'list the others by their alarm: PolyAiAlarm IS NOT NULL, in the Web UI');
  if (unknown === 0) return ok(found);
  return warning(found, 'run this where the payload codec of the workers is set up, or look at them in the Web UI');
}

function nameSome(atRisk: readonly Extract<Look, { kind: 'at-risk' }>[]): string {
  const sorted = atRisk.toSorted((a, b) => a.safeUntil.localeCompare(b.safeUntil));
  const named = sorted.slice(0, MAX_NAMED).map(({ workflowId, safeUntil }) => `${workflowId} until ${safeUntil}`);
  const others = sorted.length - named.length;
  return `safe ${sorted.length === 1 ? 'is' : 'are'} ${named.join(', ')}${others > 0 ? ` and ${others} others` : ''}`;
}

/** By the bare service: the SDK's own list fails where a payload codec is missing, for it reads the memo. */
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
  const request = { namespace, query, pageSize: MAX_LOOKS };
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions(request);
  const workflowIds = executions.map(({ execution }) => execution?.workflowId ?? '');
  return { workflowIds, hasMore: nextPageToken.length > 0 };
}

async function lookAtAll(
  access: TemporalAccess,
  workflowIds: readonly string[],
  { nowMs, stopAtMs }: AtRiskOptions,
): Promise<Look[]> {
  const looks: Look[] = [];
  const waiting = [...workflowIds];
  const lookOn = async (): Promise<void> => {
    for (;;) {
      const workflowId = performance.now() < stopAtMs ? waiting.shift() : undefined;
      if (workflowId === undefined) return;
      looks.push(await lookAt(access, workflowId, nowMs));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lookOn));
  return looks;
}

/** The heartbeat of a hold is the newest there is; without one, or with an old one, the history may know better. */
async function lookAt(access: TemporalAccess, workflowId: string, nowMs: number): Promise<Look> {
  const held = await heldObservation(access, workflowId);
  if (held === 'ended') return { kind: 'safe' };
  if (held === 'unreadable') return { kind: 'unknown' };
  const heard = held && { startedAt: held.observedAt, lastObservation: held };
  if (heard && !isAtRisk(heard, nowMs)) return { kind: 'safe' };
  const told = await lastGoodAnswer(access, workflowId);
  if (!told) return { kind: 'unknown' };
  const isSafe = [heard, told].some((call) => call && !isAtRisk(call, nowMs));
  const [safeUntil] = [heard, told]
    .flatMap((call) => (call && outcomeSafeUntil(call)) ?? [])
    .sort()
    .reverse();
  return isSafe || safeUntil === undefined ? { kind: 'safe' } : { kind: 'at-risk', workflowId, safeUntil };
}

/** `WORKFLOW_EXECUTION_STATUS_RUNNING` of Temporal's API. */
const RUNNING = 1;

/**
 * The last good answer in the heartbeat of a monitor's pending activity, if there is one; `ended` when the monitor has, and
 * `unreadable` when the client lacks the payload codec.
 */
async function heldObservation(
  { client, namespace }: TemporalAccess,
  workflowId: string,
): Promise<CallObservation | 'ended' | 'unreadable' | undefined> {
  try {
    const request = { namespace, execution: { workflowId } };
    const { workflowExecutionInfo: info, pendingActivities } =
      await client.workflowService.describeWorkflowExecution(request);
    if (Number(info?.status) !== RUNNING) return 'ended';
    const payloads = pendingActivities.flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads?.[0] ?? []);
    const beats = await Promise.all(payloads.map((payload) => decodePayload(client, payload)));
    if (beats.includes(undefined)) return 'unreadable';
    const seen = beats.flatMap((beat) => (beat as PollProgress | null)?.observation ?? []);
    return seen.sort((a, b) => b.observedAt.localeCompare(a.observedAt))[0];
  } catch (error) {
    if (grpcStatusOf(error) === GRPC_STATUS.NOT_FOUND) return 'ended';
    throw error;
  }
}

const PAGE_EVENTS = 200;
/** 1,000 events are 45 minutes of a refused token, which leaves more of them than anything else without a good answer. */
const MAX_PAGES = 5;

type HistoryPage = Awaited<
  ReturnType<TemporalAccess['connection']['workflowService']['getWorkflowExecutionHistoryReverse']>
>;
type HistoryEvent = NonNullable<NonNullable<HistoryPage['history']>['events']>[number];

/**
 * What a monitor's history knows of its call, read from its end to the last good answer; nothing where the payloads cannot
 * be read. Where there is no such answer, `startedAt` is the time since when there was none.
 */
async function lastGoodAnswer(access: TemporalAccess, workflowId: string): Promise<WatchedCall | undefined> {
  let nextPageToken: Uint8Array = new Uint8Array();
  let startedAt = new Date().toISOString();
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer: HistoryPage = await access.client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: access.namespace,
      execution: { workflowId },
      maximumPageSize: PAGE_EVENTS,
      nextPageToken,
    });
    for (const event of answer.history?.events ?? []) {
      startedAt = new Date(timestampMs(event.eventTime) ?? 0).toISOString();
      const told = await toldBy(access, event);
      if (told === 'unreadable') return undefined;
      if (told?.observation) return { startedAt, lastObservation: told.observation };
      if (told?.startedAtMs !== undefined) return { startedAt: new Date(told.startedAtMs).toISOString() };
    }
    nextPageToken = answer.nextPageToken;
    if (nextPageToken.length === 0) break;
  }
  return { startedAt };
}

interface Told {
  readonly observation?: CallObservation;
  readonly startedAtMs?: number;
}

/** What `getStatus` has returned, failed with or last reported, or the run before has handed on. */
async function toldBy({ client }: TemporalAccess, event: HistoryEvent): Promise<Told | 'unreadable' | undefined> {
  const payload = payloadOf(event);
  if (!payload) return undefined;
  const value = await decodePayload(client, payload);
  if (value === undefined) return 'unreadable';
  if (typeof value !== 'object' || value === null) return undefined;
  const { observation, lastObservation, startedAtMs } = value as Told & { readonly lastObservation?: CallObservation };
  const known = observation ?? lastObservation;
  return { ...(known && { observation: known }), ...(startedAtMs !== undefined && { startedAtMs }) };
}

function payloadOf(event: HistoryEvent): Payload | null | undefined {
  const completed = event.activityTaskCompletedEventAttributes?.result;
  if (completed) return completed.payloads?.[0];
  const failure = (event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes)?.failure;
  if (failure)
    return (failure.applicationFailureInfo?.details ?? failure.timeoutFailureInfo?.lastHeartbeatDetails)?.payloads?.[0];
  const started = event.workflowExecutionStartedEventAttributes;
  // Its second argument is the state that continue-as-new has carried over.
  return started?.continuedExecutionRunId ? started.input?.payloads?.[1] : undefined;
}
