import {
  type Client,
  QueryNotRegisteredError,
  ServiceError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import { ApplicationFailure, defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import type { PollProgress } from '../contract/get-status.js';
import type { MonitorOutboundCallResult, MonitorProgress } from '../contract/monitor.js';
import {
  CALL_STATUS_SEARCH_ATTRIBUTE,
  GET_STATUS_ACTIVITY_TYPE,
  PROGRESS_QUERY_NAME,
  SAVE_OUTCOME_ACTIVITY_TYPE,
} from '../contract/names.js';
import type { CallObservation } from '../contract/observation.js';
import { outcomeSafeUntil } from '../contract/retention.js';
import { PayloadReader } from '../platform/payloads.js';
import { hasNoWorker } from './no-worker.js';

/** What Temporal knows about a monitor at one moment. */
export interface MonitorDescription {
  readonly callSid: string;
  /** Temporal's status of the workflow: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, … */
  readonly state: WorkflowExecutionStatusName;
  readonly taskQueue: string;
  readonly startedAt: Date;
  /** Present when the monitor has ended. */
  readonly closedAt?: Date;
  /** The call's latest known status and reason; absent before the first observation. */
  readonly callStatus?: string;
  readonly callReason?: string;
  /** The poll, or long poll, that is in progress or waits for its retry. */
  readonly pendingPoll?: PendingPoll;
  /** The result of the query `progress`; absent when no worker responded, or when it was not queried. */
  readonly progress?: MonitorProgress;
  /** Status requests made, as far as known; present with `progress` and when the monitor has completed. */
  readonly polls?: number;
  /**
   * An outage that ends before this time cannot cost the outcome. Computed from the latest known observation; see
   * `MonitorProgress.outcomeSafeUntil`. Present while the monitor runs, if the time of that observation is known.
   */
  readonly outcomeSafeUntil?: Date;
  /** Present when the monitor runs, no worker answered the query `progress`, and none polls `taskQueue`. */
  readonly noWorker?: true;
}

/** The pending activity `getStatus`, as the server knows it. */
export interface PendingPoll {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Why the previous attempt failed. */
  readonly lastFailure?: { readonly type: string; readonly message: string };
  /** What the long poll has observed, from its latest heartbeat: up to 75 s old, and absent before the first. */
  readonly held?: PollProgress;
}

export interface DescribeOptions {
  /**
   * Timeout of the query `progress`, in milliseconds; 0 sends no query.
   * @default 2_000
   */
  readonly workerTimeoutMs?: number | undefined;
}

/** @deprecated Use {@link MonitorDescription}. */
export type MonitorView = MonitorDescription;

/** @deprecated Use {@link DescribeOptions}. */
export type LookOptions = DescribeOptions;

const CALL_STATUS_KEY = defineSearchAttributeKey(CALL_STATUS_SEARCH_ATTRIBUTE, SearchAttributeType.KEYWORD);

/** `PENDING_ACTIVITY_STATE_CANCEL_REQUESTED` of Temporal's API. */
const CANCEL_REQUESTED = 3;

/** Describes a monitor from the server's data, and from the query `progress` if a worker responds. */
export async function describeMonitor(
  client: Client,
  { callSid, workflowId }: { readonly callSid: string; readonly workflowId: string },
  { workerTimeoutMs = 2_000 }: DescribeOptions = {},
): Promise<MonitorDescription> {
  const description = await client.workflow.getHandle(workflowId).describe();
  const pendingPoll = await pendingPollOf(client, description);
  const result = description.status.name === 'COMPLETED' ? await completedResult(client, description) : undefined;
  const progress = workerTimeoutMs > 0 ? await queryProgress(client, workflowId, workerTimeoutMs) : undefined;
  const isUnanswered = description.status.name === 'RUNNING' && !progress && workerTimeoutMs > 0;
  const noWorker = isUnanswered && (await hasNoWorker(client, description.taskQueue).catch(() => false));
  const polls = result?.polls ?? (progress && totalPolls(progress, pendingPoll));
  const latest = latestObservation(pendingPoll, progress);
  const safeUntil = safeUntilOf(description, latest, progress);
  return {
    callSid,
    ...timesOf(description),
    ...callStatusOf(result ?? latest ?? storedStatusOf(description)),
    ...(pendingPoll && { pendingPoll }),
    ...(progress && { progress }),
    ...(polls !== undefined && { polls }),
    ...(safeUntil !== undefined && { outcomeSafeUntil: new Date(safeUntil) }),
    ...(noWorker && { noWorker }),
  };
}

/** Absent where the memo has a status, but its time is not known. */
function safeUntilOf(
  description: WorkflowExecutionDescription,
  latest: CallObservation | undefined,
  progress: MonitorProgress | undefined,
): string | undefined {
  const isTimeKnown =
    latest !== undefined || progress !== undefined || storedStatusOf(description).status === undefined;
  if (description.status.name !== 'RUNNING' || !isTimeKnown || isSavingOutcome(description)) return undefined;
  const startedAt = progress?.startedAt ?? description.startTime.toISOString();
  return outcomeSafeUntil({ lastObservation: latest, startedAt });
}

function timesOf({ status, taskQueue, startTime, closeTime }: WorkflowExecutionDescription) {
  return { state: status.name, taskQueue, startedAt: startTime, ...(closeTime && { closedAt: closeTime }) };
}

/** Whether polling is over: the terminal status is then in the workflow, and perhaps nowhere else. */
function isSavingOutcome({ raw }: WorkflowExecutionDescription): boolean {
  return raw.pendingActivities?.some(({ activityType }) => activityType?.name === SAVE_OUTCOME_ACTIVITY_TYPE) ?? false;
}

interface LatestStatus {
  readonly status?: unknown;
  /** As the API spells it. */
  readonly rawStatus?: unknown;
  readonly reason?: unknown;
}

/** From the memo, or from the search attribute where that says it all. */
function storedStatusOf({ memo, typedSearchAttributes }: WorkflowExecutionDescription): LatestStatus {
  const status = memo?.['callStatus'] ?? typedSearchAttributes.get(CALL_STATUS_KEY);
  return { status, reason: memo?.['callReason'] };
}

function callStatusOf({ status, rawStatus = status, reason }: LatestStatus) {
  return {
    ...(typeof rawStatus === 'string' && { callStatus: rawStatus }),
    ...(typeof reason === 'string' && reason !== '' && { callReason: reason }),
  };
}

function latestObservation(
  poll: PendingPoll | undefined,
  progress: MonitorProgress | undefined,
): CallObservation | undefined {
  const observed = poll?.held?.observation;
  const queried = progress?.lastObservation;
  return observed && queried && observed.observedAt < queried.observedAt ? queried : (observed ?? queried);
}

/** The result of a completed run: one request, and no worker is needed. The result of a later run could take hours. */
async function completedResult(
  client: Client,
  { workflowId, runId }: WorkflowExecutionDescription,
): Promise<MonitorOutboundCallResult> {
  const run = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  return (await run.result()) as MonitorOutboundCallResult;
}

async function pendingPollOf(
  client: Client,
  { raw, workflowId }: WorkflowExecutionDescription,
): Promise<PendingPoll | undefined> {
  // After a nudge there may be a second one, which is being cancelled.
  const activity = raw.pendingActivities?.find(
    ({ state, activityType }) => activityType?.name === GET_STATUS_ACTIVITY_TYPE && Number(state) !== CANCEL_REQUESTED,
  );
  if (!activity) return undefined;
  const { activityId, attempt, lastFailure, heartbeatDetails } = activity;
  const payloads = new PayloadReader(client);
  const owner = { workflowId, activityId };
  const held = await payloads.ofActivity(owner, heartbeatDetails?.payloads?.[0]);
  const failure =
    lastFailure && ((await payloads.failureOf(owner, lastFailure)) ?? new Error(lastFailure.message ?? ''));
  return {
    attempt: attempt ?? 1,
    ...(failure && { lastFailure: { type: failureTypeOf(failure), message: failure.message } }),
    ...(hasResponse(held) && { held }),
  };
}

function failureTypeOf(failure: Error): string {
  return (failure instanceof ApplicationFailure ? failure.type : undefined) ?? 'Failure';
}

function hasResponse(value: unknown): value is PollProgress {
  return typeof value === 'object' && value !== null && ('observation' in value || 'lastError' in value);
}

/** The polls of a running `getStatus` stand in its heartbeat, in its reports, or in both. */
function totalPolls({ polls, reportedPolls = 0 }: MonitorProgress, pending: PendingPoll | undefined): number {
  const pendingPolls = Math.max((pending?.attempt ?? 1) - 1, pending?.held?.polls ?? 0);
  return polls + Math.max(0, pendingPolls - reportedPolls);
}

async function queryProgress(
  client: Client,
  workflowId: string,
  timeoutMs: number,
): Promise<MonitorProgress | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + timeoutMs, () => handle.query<MonitorProgress>(PROGRESS_QUERY_NAME));
  } catch (error) {
    if (error instanceof ServiceError || error instanceof QueryNotRegisteredError) return undefined;
    throw error;
  }
}
