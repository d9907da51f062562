import type { Client, WorkflowHandle } from '@temporalio/client';

import type { MonitorOutboundCallResult, MonitorProgress, MonitorWorkflow } from '../contract/monitor.js';
import { NUDGE_SIGNAL_NAME, PROGRESS_QUERY_NAME } from '../contract/names.js';
import { abortableSleep } from '../platform/abortable.js';
import { describeMonitor, type DescribeOptions, type MonitorDescription } from './describe-monitor.js';
import { checkEveryMs } from './every-ms.js';

export interface FollowOptions extends DescribeOptions {
  /**
   * Time between two descriptions, in milliseconds, at least 1.
   * @default 1_000
   */
  readonly everyMs?: number | undefined;
  /** Ends the iteration without an error; the monitor goes on. */
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
   * Waits for the call's terminal status.
   *
   * @throws {WorkflowFailedError} when the monitor ended without one; `monitorFailureOf(error)` gives the reason
   */
  async result(): Promise<MonitorOutboundCallResult> {
    return await this.#handle.result();
  }

  /**
   * The state of the monitor, queried from a worker.
   *
   * @throws when no worker answers within the client's deadline; `describe` works without a worker
   */
  async progress(): Promise<MonitorProgress> {
    return await this.#handle.query<MonitorProgress>(PROGRESS_QUERY_NAME);
  }

  /**
   * What Temporal knows about the monitor now, with or without a worker.
   *
   * @throws {WorkflowNotFoundError} when the monitor does not exist
   */
  async describe(options?: DescribeOptions): Promise<MonitorDescription> {
    return await describeMonitor(this.#client, this, options);
  }

  /** @deprecated Use {@link MonitorHandle.describe}. */
  async look(options?: DescribeOptions): Promise<MonitorDescription> {
    return await this.describe(options);
  }

  /**
   * Yields the description of the monitor: now, at each change, and a last time when the monitor has ended. An error of the
   * server ends it, also a transient one.
   *
   * @throws {RangeError} while iterating, for `everyMs` out of its range
   */
  async *follow({ everyMs = 1_000, signal, ...options }: FollowOptions = {}): AsyncGenerator<MonitorDescription, void> {
    checkEveryMs(everyMs, 1);
    let latest: string | undefined;
    while (!signal?.aborted) {
      const description = await this.describe(options).catch((error: unknown) => {
        if (signal?.aborted) return undefined;
        throw error;
      });
      if (!description || signal?.aborted) return;
      const serialized = JSON.stringify(description);
      if (serialized !== latest) yield description;
      if (description.state !== 'RUNNING') return;
      latest = serialized;
      await abortableSleep(everyMs, signal);
    }
  }

  /** Makes the monitor poll now: ends its current wait or long poll. */
  async nudge(): Promise<void> {
    await this.#handle.signal(NUDGE_SIGNAL_NAME);
  }

  /** Cancels the monitor: it polls once more and ends. Does not hang up the call. */
  async cancel(): Promise<void> {
    await this.#handle.cancel();
  }
}
