import { WorkflowFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import {
  isFailureType,
  NUDGE_SIGNAL_NAME,
  PROGRESS_QUERY_NAME,
  type FailureType,
  type MonitorFailureDetails,
  type MonitorOutboundCallInput,
  type MonitorOutboundCallResult,
  type MonitorProgress,
} from '../contract/index.js';

type MonitorWorkflow = (input: MonitorOutboundCallInput) => Promise<MonitorOutboundCallResult>;

export interface FollowOptions {
  /**
   * Time between two looks, in milliseconds.
   * @default 1_000
   */
  readonly everyMs?: number | undefined;
  /** Ends the following; the monitor goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** A poll that is under way or being retried, as the server knows it; needs no worker. */
export interface PendingPoll {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Why the attempt before failed. */
  readonly lastFailure?: { readonly type: string; readonly message: string };
}

/** A monitor that runs or has ended. */
export class MonitorHandle {
  readonly callSid: string;
  readonly workflowId: string;
  readonly #handle: WorkflowHandle<MonitorWorkflow>;

  constructor(client: Client, callSid: string, workflowId: string) {
    this.callSid = callSid;
    this.workflowId = workflowId;
    this.#handle = client.workflow.getHandle<MonitorWorkflow>(workflowId);
  }

  /**
   * Waits for the call's final status.
   *
   * @throws {WorkflowFailedError} when the monitor ended without one; `monitorFailureOf(error)` says why
   */
  async result(): Promise<MonitorOutboundCallResult> {
    return await this.#handle.result();
  }

  /** What the monitor is doing. Needs a worker that polls the task queue. */
  async progress(): Promise<MonitorProgress> {
    return await this.#handle.query<MonitorProgress>(PROGRESS_QUERY_NAME);
  }

  /** The poll that is under way or being retried, if any. */
  async pendingPoll(): Promise<PendingPoll | undefined> {
    const { raw } = await this.#handle.describe();
    const [activity] = raw.pendingActivities ?? [];
    if (!activity) return undefined;
    const { lastFailure } = activity;
    return {
      attempt: activity.attempt ?? 1,
      ...(lastFailure && {
        lastFailure: {
          type: lastFailure.applicationFailureInfo?.type ?? 'Failure',
          message: lastFailure.message ?? '',
        },
      }),
    };
  }

  /** Whether the monitor still runs. */
  async isRunning(): Promise<boolean> {
    const { status } = await this.#handle.describe();
    return status.name === 'RUNNING';
  }

  /** Has the monitor poll now instead of at the end of its wait. */
  async nudge(): Promise<void> {
    await this.#handle.signal(NUDGE_SIGNAL_NAME);
  }

  /** Ends the monitoring, after one last poll. Does not hang up the call. */
  async cancel(): Promise<void> {
    await this.#handle.cancel();
  }

  /** Yields the monitor's progress now, at each change, and a last time when the monitor has ended. */
  async *follow({ everyMs = 1_000, signal }: FollowOptions = {}): AsyncGenerator<MonitorProgress, void> {
    let shown: string | undefined;
    for (;;) {
      const isRunning = await this.isRunning();
      const progress = await this.progress();
      const seen = JSON.stringify(progress);
      if (seen !== shown) yield progress;
      if (!isRunning || signal?.aborted) return;
      shown = seen;
      await pause(everyMs, signal);
    }
  }
}

/** Why a monitor ended without a final status. */
export interface MonitorFailure {
  readonly type: FailureType;
  readonly message: string;
  /** What the monitor had seen; absent for input that was refused. */
  readonly details?: MonitorFailureDetails;
}

/** The failure of this package inside what `MonitorHandle.result()` or a child workflow threw; `undefined` for any other error. */
export function monitorFailureOf(error: unknown): MonitorFailure | undefined {
  const failure = error instanceof WorkflowFailedError ? error.cause : error;
  if (!(failure instanceof ApplicationFailure) || !isFailureType(failure.type)) return undefined;
  const [details] = (failure.details ?? []) as [MonitorFailureDetails?];
  return { type: failure.type, message: failure.message, ...(details && { details }) };
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
