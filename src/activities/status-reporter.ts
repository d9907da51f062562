import type { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';

import { classifyCallStatus } from '../contract/call.js';
import type { GetStatusInput, PollReport, StatusReport, WorkerCapabilities } from '../contract/get-status.js';
import { REPORT_STATUS_SIGNAL_NAME } from '../contract/names.js';
import { backoffMs } from '../contract/pacing.js';
import { withTimeout } from '../platform/abortable.js';
import { errorMessage } from '../platform/error-message.js';
import { classifyGrpcError } from '../platform/grpc.js';
import type { PollProgressRecorder } from './poll-progress.js';
import { clientOf } from './activity-context.js';
import type { StatusUpdates } from './status-updates.js';

/** A server that takes longer gets the report again after a later poll. */
const SIGNAL_TIMEOUT_MS = 10_000;

/** How long the next `getStatus` waits for the last report of the one that it supersedes. */
const LAST_REPORT_TIMEOUT_MS = 3_000;

interface StatusReporterOptions {
  readonly context: Context;
  readonly input: GetStatusInput;
  readonly recorder: PollProgressRecorder;
  readonly capabilities: WorkerCapabilities;
  readonly statusUpdates: StatusUpdates;
}

/** Reports the status changes that one `getStatus` observes to its monitor, by signal. Polls never wait for it. */
export class StatusReporter {
  /** The last status that the workflow knows. */
  #knownStatus: string | undefined;
  #reportedPolls = 0;
  #sending: Promise<void> | undefined;
  /** Failed reports in a row. */
  #failures = 0;
  /** By `performance.now()`. */
  #nextAtMs = 0;
  #isRefused = false;

  constructor(private readonly options: StatusReporterOptions) {
    this.#knownStatus = options.input.hold?.knownStatus;
  }

  /** Begins to report the status unless the workflow knows it. A report that fails is sent again after a later poll. */
  reportChange(): void {
    if (!this.#isDue()) return;
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
      this.reportChange();
    });
  }

  /**
   * Reports what the workflow does not know of a `getStatus` whose result it will not receive.
   *
   * @returns what that was; `undefined` if there was nothing
   */
  async reportAbandoned(): Promise<PollReport | undefined> {
    await withTimeout(LAST_REPORT_TIMEOUT_MS, Promise.resolve(this.#sending), () => undefined);
    const { observation, polls } = this.options.recorder;
    const unreported = polls - this.#reportedPolls;
    if (!observation || unreported <= 0 || !this.#canReport()) return undefined;
    const report = { ...this.options.recorder.report(true), polls: unreported };
    this.#sending = this.#send().finally(() => (this.#sending = undefined));
    await withTimeout(LAST_REPORT_TIMEOUT_MS, this.#sending, () => undefined);
    return report;
  }

  #isDue(): boolean {
    const status = this.options.recorder.observation?.status;
    const isUnreported = status !== undefined && status !== this.#knownStatus && this.#isForSignal(status);
    return isUnreported && !this.#sending && performance.now() >= this.#nextAtMs && this.#canReport();
  }

  /** An unknown status is rare, and has to be in `progress` and in the log. */
  #isForSignal(status: string): boolean {
    return this.options.statusUpdates === 'signal' || classifyCallStatus(status).kind === 'unknown';
  }

  #canReport(): boolean {
    return this.options.input.reportAs !== undefined && !this.#isRefused;
  }

  async #send(): Promise<void> {
    const { context, input, recorder, capabilities } = this.options;
    const { workflowExecution } = context.info;
    const client = clientOf(context);
    const { observation, polls } = recorder;
    if (!client || !workflowExecution || !observation) {
      this.#isRefused = true;
      return;
    }
    const { changes } = recorder.progress;
    const report: StatusReport = { reportAs: input.reportAs!, polls, observation, changes, ...capabilities };
    try {
      await signal(client, workflowExecution, report);
      this.#knownStatus = observation.status;
      this.#reportedPolls = polls;
      this.#failures = 0;
    } catch (error) {
      this.#recordFailure(error);
    }
  }

  #recordFailure(error: unknown): void {
    this.#failures += 1;
    this.#nextAtMs = performance.now() + backoffMs(this.#failures);
    this.#isRefused = classifyGrpcError(error) === 'permanent';
    // The run has closed.
    if (error instanceof WorkflowNotFoundError) return;
    const consequence = this.#isRefused ? 'the monitor learns it when the long poll ends' : 'it is sent again';
    this.options.context.log.warn(`status not reported: ${consequence}`, { problem: errorMessage(error) });
  }
}

/** Also for an activity that has been cancelled, whose client the SDK binds to its cancellation signal. */
async function signal(
  client: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  report: StatusReport,
): Promise<void> {
  const monitor = client.workflow.getHandle(workflowId, runId);
  await client.withAbortSignal(new AbortController().signal, () =>
    client.withDeadline(Date.now() + SIGNAL_TIMEOUT_MS, () => monitor.signal(REPORT_STATUS_SIGNAL_NAME, report)),
  );
}
