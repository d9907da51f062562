import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  proxyActivities,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';

import type { PolyAiActivities } from '../activities/create-activities.js';
import {
  type CompletionFailure,
  completionFailureOf,
  type MonitorCompletion,
  type ReadMonitorResult,
} from '../contract/completion.js';
import type { MonitorOutboundCallInput } from '../contract/monitor.js';
import { MONITOR_WORKFLOW_TYPE, monitorWorkflowId, READ_MONITOR_ACTIVITY_TYPE } from '../contract/names.js';
import { backoffMs } from '../contract/pacing.js';
import { monitorStartOptions } from '../contract/start-options.js';
import { RETRY_POLICY } from './activity-calls.js';
import { INVALID_RESULT, invalidResultMessage, isReadMonitorResult } from './activity-results.js';
import { notifyWhenEndedSignal } from './messages.js';
import type { monitorOutboundCall } from './monitor-outbound-call.js';

/** Fallback poll: a terminated or timed-out monitor sends no completion signal. First after 5 min, doubling up to 30 min. */
const FIRST_FALLBACK_POLL_MS = 5 * 60_000;
const MAX_FALLBACK_POLL_MS = 30 * 60_000;

/** The first poll of a running monitor that did not accept the subscription. */
const FIRST_UNSUBSCRIBED_POLL_MS = 1_000;

/** Longer than the server takes for two small requests; retried without limit. */
const READ_MONITOR_TIMEOUT_MS = 20_000;

/** Since 0.2.0. */
const CONFIRM_EARLY_FAILURE_PATCH = 'confirms-early-failure';

export interface CompletionWaiterInput {
  readonly input: MonitorOutboundCallInput;
  /** The task queue that a worker of this package polls. */
  readonly taskQueue: string;
}

/**
 * Waits for the completion of one call's monitor, also if another caller started it. Users' workflow histories contain its
 * commands: read decision 7 before changing their order.
 */
export class CompletionWaiter {
  readonly #input: MonitorOutboundCallInput;
  readonly #taskQueue: string;
  #completion: MonitorCompletion | undefined;
  #earlyFailure: CompletionFailure | undefined;
  #isAbandoned = false;

  constructor({ input, taskQueue }: CompletionWaiterInput) {
    this.#input = input;
    this.#taskQueue = taskQueue;
  }

  /** Passes on the monitor's completion signal. Only the first one counts. */
  complete(completion: MonitorCompletion): void {
    this.#completion ??= completion;
  }

  /**
   * Passes on a completion signal that arrived before the wait began. A result is final. A failure is not: the monitor may have
   * been started again since, so it is confirmed first.
   */
  completeEarly(completion: MonitorCompletion): void {
    if (completion.failure && patched(CONFIRM_EARLY_FAILURE_PATCH)) this.#earlyFailure = completion.failure;
    else this.complete(completion);
  }

  /** Ends `run`, because nothing awaits it any more. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /**
   * Starts the monitor or subscribes to the running one, and waits. Not cancelled by the calling scope, because others may
   * await the same call.
   *
   * @returns `undefined` when abandoned
   */
  run(): Promise<MonitorCompletion | undefined> {
    return CancellationScope.nonCancellable(() => this.#run());
  }

  async #run(): Promise<MonitorCompletion | undefined> {
    const early = this.#earlyFailure && (await this.#confirm(this.#earlyFailure));
    if (early) return early;
    for (let absences = 0; !this.#isDone; absences += 1) {
      if (absences > 0)
        await sleep(backoffMs(absences), { summary: this.#summary('monitor not found, starting it again') });
      const completion = (await this.#runAsChild()) ?? (await this.#awaitExisting());
      if (completion) return completion;
    }
    return this.#completion;
  }

  get #isDone(): boolean {
    return this.#isAbandoned || this.#completion !== undefined;
  }

  /** Starts the monitor and awaits it. `undefined` if there is one that runs or has returned a result. */
  async #runAsChild(): Promise<MonitorCompletion | undefined> {
    const { callSid } = this.#input;
    try {
      const monitor = await startChild<typeof monitorOutboundCall>(MONITOR_WORKFLOW_TYPE, {
        taskQueue: this.#taskQueue,
        args: [this.#input],
        // Other workflows may await the monitor, and so may the next run of this one.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        ...monitorStartOptions(callSid),
      });
      return await monitor.result().then(
        (result) => ({ result }),
        (error: unknown) => ({ failure: completionFailureOf(callSid, error) }),
      );
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
      throw error;
    }
  }

  /** How the monitor ended that has signalled a failure. Awaits a later run that is under way. `undefined` as `#readMonitor`. */
  async #confirm(failure: CompletionFailure): Promise<MonitorCompletion | undefined> {
    const monitor = await this.#readMonitor();
    if (!monitor) return undefined;
    if (monitor.state === 'running') return await this.#awaitExisting();
    return monitor.state === 'ended' ? completionOf(monitor) : { failure };
  }

  /** Awaits a monitor that another caller started. `undefined` if the server no longer has it, or when abandoned. */
  async #awaitExisting(): Promise<MonitorCompletion | undefined> {
    let isSubscribed = await this.#subscribe();
    let subscribedRunId: string | undefined;
    for (let polls = 0; !this.#isDone; polls += 1) {
      // A rejected subscription usually means that the monitor has closed: read it at once.
      if (isSubscribed || polls > 0) await this.#waitForSignal(fallbackPollDelayMs(polls, isSubscribed));
      const monitor = await this.#readMonitor();
      if (!monitor) break;
      if (monitor.state === 'ended') return completionOf(monitor);
      if (monitor.state === 'absent') return undefined;
      // Another run: restarted, or continued as new by a version that does not carry subscribers over.
      if (monitor.runId !== subscribedRunId) isSubscribed = await this.#subscribe();
      subscribedRunId = monitor.runId;
    }
    return this.#completion;
  }

  /** Asks the monitor for its completion signal. `false` if the monitor has closed or does not exist. */
  async #subscribe(): Promise<boolean> {
    const { workflowId } = workflowInfo();
    try {
      const monitor = getExternalWorkflowHandle(monitorWorkflowId(this.#input.callSid));
      await monitor.signal(notifyWhenEndedSignal, { workflowId });
      return true;
    } catch {
      return false;
    }
  }

  async #waitForSignal(timeoutMs: number): Promise<void> {
    await condition(() => this.#isDone, timeoutMs, {
      summary: this.#summary('waiting for the monitor, which another caller started'),
    });
  }

  /** `undefined` if the completion signal arrived meanwhile, or when abandoned. */
  async #readMonitor(): Promise<ReadMonitorResult | undefined> {
    if (this.#isDone) return undefined;
    const { callSid } = this.#input;
    const { readMonitor } = proxyActivities<PolyAiActivities>({
      taskQueue: this.#taskQueue,
      startToCloseTimeout: READ_MONITOR_TIMEOUT_MS,
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      retry: RETRY_POLICY,
      summary: this.#summary('read the state of the monitor'),
    });
    const scope = new CancellationScope();
    try {
      const done = () => condition(() => this.#isDone).then(() => undefined);
      const read = () => readMonitor({ callSid }).then((result) => this.#checkedResult(result));
      return await scope.run(() => Promise.race([read(), done()]));
    } finally {
      scope.cancel();
    }
  }

  #checkedResult(result: unknown): ReadMonitorResult {
    if (isReadMonitorResult(result)) return result;
    throw ApplicationFailure.nonRetryable(
      invalidResultMessage(READ_MONITOR_ACTIVITY_TYPE, this.#taskQueue),
      INVALID_RESULT,
    );
  }

  /** One line for the Web UI. */
  #summary(purpose: string): string {
    return `${this.#input.callSid}: ${purpose}`;
  }
}

function completionOf({ result, failure }: MonitorCompletion): MonitorCompletion {
  return result ? { result } : { failure };
}

function fallbackPollDelayMs(polls: number, isSubscribed: boolean): number {
  const firstMs = isSubscribed ? FIRST_FALLBACK_POLL_MS : FIRST_UNSUBSCRIBED_POLL_MS;
  return Math.min(firstMs * 2 ** polls, MAX_FALLBACK_POLL_MS);
}
