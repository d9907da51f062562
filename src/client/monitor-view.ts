import {
  QueryNotRegisteredError,
  ServiceError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';

import { PROGRESS_QUERY_NAME, type MonitorProgress } from '../contract/index.js';

/** What Temporal knows of a monitor at one moment. */
export interface MonitorView {
  readonly callSid: string;
  /** Temporal's word: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, … */
  readonly state: WorkflowExecutionStatusName;
  readonly taskQueue: string;
  readonly startedAt: Date;
  /** Present when the monitor has ended. */
  readonly closedAt?: Date;
  /** The call's latest status and reason, from the memo; absent before the first good answer. */
  readonly callStatus?: string;
  readonly callReason?: string;
  /** The poll that is under way or being retried. */
  readonly pendingPoll?: PendingPoll;
  /** What the monitor itself says; absent when no worker answers, or when it was not asked. */
  readonly progress?: MonitorProgress;
  /** Status requests made, those of a poll that is being retried included; present with `progress`. */
  readonly polls?: number;
}

/** A poll that is under way or being retried, as the server knows it. */
export interface PendingPoll {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Why the attempt before failed. */
  readonly lastFailure?: { readonly type: string; readonly message: string };
}

export interface LookOptions {
  /**
   * How long a worker may take to answer, in milliseconds; 0 asks none.
   * @default 2_000
   */
  readonly workerTimeoutMs?: number | undefined;
}

/** Looks at a monitor: at what the server knows, and at what a worker adds if one answers. */
export async function lookAtMonitor(
  client: Client,
  { callSid, workflowId }: { readonly callSid: string; readonly workflowId: string },
  { workerTimeoutMs = 2_000 }: LookOptions = {},
): Promise<MonitorView> {
  const description = await client.workflow.getHandle(workflowId).describe();
  const progress = workerTimeoutMs > 0 ? await askWorker(client, workflowId, workerTimeoutMs) : undefined;
  const view = { callSid, ...viewOf(description) };
  if (!progress) return view;
  const retries = (view.pendingPoll?.attempt ?? 1) - 1;
  return { ...view, progress, polls: progress.polls + retries };
}

function viewOf({ status, taskQueue, startTime, closeTime, memo, raw }: WorkflowExecutionDescription) {
  const { callStatus, callReason } = memo ?? {};
  const [activity] = raw.pendingActivities ?? [];
  return {
    state: status.name,
    taskQueue,
    startedAt: startTime,
    ...(closeTime && { closedAt: closeTime }),
    ...(typeof callStatus === 'string' && { callStatus }),
    ...(typeof callReason === 'string' && callReason !== '' && { callReason }),
    ...(activity && { pendingPoll: pendingPollOf(activity) }),
  };
}

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

function pendingPollOf({ attempt, lastFailure }: PendingActivity): PendingPoll {
  if (!lastFailure) return { attempt: attempt ?? 1 };
  const { message, applicationFailureInfo } = lastFailure;
  return {
    attempt: attempt ?? 1,
    lastFailure: { type: applicationFailureInfo?.type ?? 'Failure', message: message ?? '' },
  };
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
