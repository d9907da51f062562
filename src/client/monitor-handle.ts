import type { Client, WorkflowHandle } from '@temporalio/client';

import type { MonitorOutboundCallInput, MonitorOutboundCallResult, MonitorProgress } from '../contract/monitor.js';
import { NUDGE_SIGNAL_NAME, PROGRESS_QUERY_NAME } from '../contract/names.js';
import { abortableSleep } from '../platform/abortable.js';
import { describeMonitor, type DescribeOptions, type MonitorDescription } from './describe-monitor.js';

type MonitorWorkflow = (input: MonitorOutboundCallInput) => Promise<MonitorOutboundCallResult>;

export interface FollowOptions extends DescribeOptions {
  /**
   * Time between two looks, in milliseconds.
   * @default 1_000
   */
  readonly everyMs?: number | undefined;
  /** Ends the following; the monitor goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** A monitor that runs or has ended. */
export class MonitorHandle {
  readonly callSid: string;
  readonly workflowId: string;
  readonly #client: Client;
  readonly #handle: WorkflowHandle<MonitorWorkflow>;

  constructor(client: Client, callSid: string, workflowId: string) {
    this.callSid = callSid;
    this.workflowId = workflowId;
    this.#client = client;
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

  /**
   * What the monitor itself says.
   *
   * @throws when no worker answers within the client's deadline; `describe` does without
   */
  async progress(): Promise<MonitorProgress> {
    return await this.#handle.query<MonitorProgress>(PROGRESS_QUERY_NAME);
  }

  /**
   * What is known of the monitor now, with or without a worker.
   *
   * @throws {WorkflowNotFoundError} when there is none
   */
  async describe(options?: DescribeOptions): Promise<MonitorDescription> {
    return await describeMonitor(this.#client, this, options);
  }

  /** @deprecated Use {@link MonitorHandle.describe}. */
  async look(options?: DescribeOptions): Promise<MonitorDescription> {
    return await this.describe(options);
  }

  /** Yields what is known of the monitor: now, at each change, and a last time when the monitor has ended. */
  async *follow({ everyMs = 1_000, signal, ...options }: FollowOptions = {}): AsyncGenerator<MonitorDescription, void> {
    let shown: string | undefined;
    for (;;) {
      const view = await this.describe(options);
      const seen = JSON.stringify(view);
      if (seen !== shown) yield view;
      if (view.state !== 'RUNNING' || signal?.aborted) return;
      shown = seen;
      await abortableSleep(everyMs, signal);
    }
  }

  /** Has the monitor poll now instead of at the end of its wait. */
  async nudge(): Promise<void> {
    await this.#handle.signal(NUDGE_SIGNAL_NAME);
  }

  /** Ends the monitoring, after one last poll. Does not hang up the call. */
  async cancel(): Promise<void> {
    await this.#handle.cancel();
  }
}
