import {
  type Client,
  QueryNotRegisteredError,
  ServiceError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import type { Payload } from '@temporalio/common';

import type { PollProgress } from '../contract/get-status.js';
import type { MonitorOutboundCallResult, MonitorProgress } from '../contract/monitor.js';
import { GET_STATUS_ACTIVITY_TYPE, PROGRESS_QUERY_NAME } from '../contract/names.js';
import type { CallObservation } from '../contract/observation.js';
import { outcomeSafeUntil } from '../contract/retention.js';

/** What Temporal knows of a monitor at one moment. */
export interface MonitorDescription {
  readonly callSid: string;
  /** Temporal's word: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, … */
  readonly state: WorkflowExecutionStatusName;
  readonly taskQueue: string;
  readonly startedAt: Date;
  /** Present when the monitor has ended. */
  readonly closedAt?: Date;
  /** The call's latest status and reason that Temporal knows of; absent before the first good answer. */
  readonly callStatus?: string;
  readonly callReason?: string;
  /** The poll that is under way or being retried, or that goes on while it holds. */
  readonly pendingPoll?: PendingPoll;
  /** What the monitor itself says; absent when no worker answers, or when it was not asked. */
  readonly progress?: MonitorProgress;
  /** Status requests made, as far as is known; present with `progress` and when the monitor has completed. */
  readonly polls?: number;
  /**
   * Until when an outage may last without the outcome being lost, by the latest answer that is known; see
   * `MonitorProgress.outcomeSafeUntil`. Present while the monitor runs, if that answer's time can be told.
   */
  readonly outcomeSafeUntil?: Date;
}

/** A poll that is under way, being retried or holding, as the server knows it. */
export interface PendingPoll {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Why the attempt before failed. */
  readonly lastFailure?: { readonly type: string; readonly message: string };
  /** What it has seen while it holds, from its last heartbeat: 75 s old at most, but for news of the last seconds. */
  readonly held?: PollProgress;
}

export interface DescribeOptions {
  /**
   * How long a worker may take to answer, in milliseconds; 0 asks none.
   * @default 2_000
   */
  readonly workerTimeoutMs?: number | undefined;
}

/** @deprecated Use {@link MonitorDescription}. */
export type MonitorView = MonitorDescription;

/** @deprecated Use {@link DescribeOptions}. */
export type LookOptions = DescribeOptions;

/** `PENDING_ACTIVITY_STATE_CANCEL_REQUESTED` of Temporal's API. */
const CANCEL_REQUESTED = 3;

/** Looks at a monitor: at what the server knows, and at what a worker adds if one answers. */
export async function describeMonitor(
  client: Client,
  { callSid, workflowId }: { readonly callSid: string; readonly workflowId: string },
  { workerTimeoutMs = 2_000 }: DescribeOptions = {},
): Promise<MonitorDescription> {
  const description = await client.workflow.getHandle(workflowId).describe();
  const pendingPoll = await pendingPollOf(client, description);
  const result = description.status.name === 'COMPLETED' ? await resultOf(client, workflowId) : undefined;
  const progress = workerTimeoutMs > 0 ? await askWorker(client, workflowId, workerTimeoutMs) : undefined;
  const polls = result?.polls ?? (progress && progress.polls + pollsUnderWay(pendingPoll));
  const latest = latestOf(pendingPoll, progress);
  const safeUntil = safeUntilOf(description, latest, progress);
  return {
    callSid,
    ...timesOf(description),
    ...callStatusOf(result ?? latest ?? memoOf(description)),
    ...(pendingPoll && { pendingPoll }),
    ...(progress && { progress }),
    ...(polls !== undefined && { polls }),
    ...(safeUntil !== undefined && { outcomeSafeUntil: new Date(safeUntil) }),
  };
}

/** Not told where the memo knows of an answer, but nobody when it came. */
function safeUntilOf(
  description: WorkflowExecutionDescription,
  latest: CallObservation | undefined,
  progress: MonitorProgress | undefined,
): string | undefined {
  const isTold = latest !== undefined || progress !== undefined || memoOf(description).status === undefined;
  if (description.status.name !== 'RUNNING' || !isTold || isSavingOutcome(description)) return undefined;
  const startedAt = progress?.startedAt ?? description.startTime.toISOString();
  return outcomeSafeUntil({ lastObservation: latest, startedAt });
}

function timesOf({ status, taskQueue, startTime, closeTime }: WorkflowExecutionDescription) {
  return { state: status.name, taskQueue, startedAt: startTime, ...(closeTime && { closedAt: closeTime }) };
}

/** Then nothing is asked any more, and a final status may stand nowhere but in the workflow. */
function isSavingOutcome({ raw }: WorkflowExecutionDescription): boolean {
  return raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'saveOutcome') ?? false;
}

interface KnownStatus {
  readonly status?: unknown;
  /** The API's spelling, where it is known. */
  readonly rawStatus?: unknown;
  readonly reason?: unknown;
}

function memoOf({ memo }: WorkflowExecutionDescription): KnownStatus {
  return { status: memo?.['callStatus'], reason: memo?.['callReason'] };
}

function callStatusOf({ status, rawStatus = status, reason }: KnownStatus) {
  return {
    ...(typeof rawStatus === 'string' && { callStatus: rawStatus }),
    ...(typeof reason === 'string' && reason !== '' && { callReason: reason }),
  };
}

function latestOf(poll: PendingPoll | undefined, progress: MonitorProgress | undefined): CallObservation | undefined {
  const held = poll?.held?.observation;
  const heard = progress?.lastObservation;
  return held && heard && held.observedAt < heard.observedAt ? heard : (held ?? heard);
}

/** A completed monitor's result is one read, and needs no worker. */
async function resultOf(client: Client, workflowId: string): Promise<MonitorOutboundCallResult> {
  return (await client.workflow.getHandle(workflowId).result()) as MonitorOutboundCallResult;
}

async function pendingPollOf(client: Client, { raw }: WorkflowExecutionDescription): Promise<PendingPoll | undefined> {
  // After a nudge there may be one more, which its worker has not given up yet.
  const activity = raw.pendingActivities?.find(
    ({ state, activityType }) => activityType?.name === GET_STATUS_ACTIVITY_TYPE && Number(state) !== CANCEL_REQUESTED,
  );
  if (!activity) return undefined;
  const { attempt, lastFailure, heartbeatDetails } = activity;
  const held = await decodePayload(client, heartbeatDetails?.payloads?.[0]);
  return {
    attempt: attempt ?? 1,
    ...(lastFailure && {
      lastFailure: {
        type: lastFailure.applicationFailureInfo?.type ?? 'Failure',
        message: lastFailure.message ?? '',
      },
    }),
    ...(isHoldProgress(held) && { held }),
  };
}

function isHoldProgress(value: unknown): value is PollProgress {
  return typeof value === 'object' && value !== null && ('observation' in value || 'lastError' in value);
}

function pollsUnderWay(poll: PendingPoll | undefined): number {
  return Math.max((poll?.attempt ?? 1) - 1, poll?.held?.polls ?? 0);
}

async function askWorker(client: Client, workflowId: string, timeoutMs: number): Promise<MonitorProgress | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + timeoutMs, () => handle.query<MonitorProgress>(PROGRESS_QUERY_NAME));
  } catch (error) {
    if (error instanceof ServiceError || error instanceof QueryNotRegisteredError) return undefined;
    throw error;
  }
}

/**
 * A payload that came without the SDK's decoding, through the client's own codecs and converter; nothing where they cannot
 * read it.
 */
export async function decodePayload(client: Client, payload: Payload | null | undefined): Promise<unknown> {
  if (!payload) return undefined;
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  try {
    let decoded = [payload];
    for (const codec of payloadCodecs.toReversed()) decoded = await codec.decode(decoded);
    return payloadConverter.fromPayload(decoded[0]!);
  } catch {
    return undefined;
  }
}
