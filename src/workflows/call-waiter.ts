import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityCancellationType,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  proxyActivities,
  sleep,
  startChild,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';

import type { PolyAiActivities } from '../activities/create-activities.js';
import { type MonitorCompletion, completionFailureOf, type ReadMonitorResult } from '../contract/completion.js';
import type { MonitorOutboundCallInput } from '../contract/monitor.js';
import { MONITOR_WORKFLOW_TYPE, monitorWorkflowId } from '../contract/names.js';
import { backoffMs } from '../contract/pacing.js';
import { RETRY_POLICY } from './activity-calls.js';
import { notifyWhenEndedSignal } from './messages.js';
import type { monitorOutboundCall } from './monitor-outbound-call.js';

/** When an asker looks at a monitor by itself, for one that was terminated or timed out tells nobody; then twice as late each time. */
const FIRST_LOOK_MS = 5 * 60_000;
const MAX_LOOK_MS = 30 * 60_000;

/** As `FIRST_LOOK_MS`, where the monitor goes on and yet did not take the asker's signal. */
const UNTOLD_LOOK_MS = 1_000;

/** Longer than the server takes for two small questions; retried without end. */
const READ_MONITOR_TIMEOUT_MS = 20_000;

export interface CallWaitInput {
  readonly input: MonitorOutboundCallInput;
  readonly taskQueue: string;
}

/**
 * Waits for the end of one call's monitor, whoever started it. Its commands are replayed by users' histories: see decision
 * 7 before changing their order.
 */
export class CallWait {
  readonly #input: MonitorOutboundCallInput;
  readonly #taskQueue: string;
  #told: MonitorCompletion | undefined;
  #isGivenUp = false;

  constructor({ input, taskQueue }: CallWaitInput) {
    this.#input = input;
    this.#taskQueue = taskQueue;
  }

  /** The monitor has said how it ended. */
  tell(end: MonitorCompletion): void {
    this.#told ??= end;
  }

  /** Nobody waits for it any more. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** `undefined` when it was given up. Not cancelled by the scope that it is called in: others may wait for it too. */
  run(): Promise<MonitorCompletion | undefined> {
    return CancellationScope.nonCancellable(() => this.#run());
  }

  async #run(): Promise<MonitorCompletion | undefined> {
    for (let absences = 0; !this.#isOver; absences += 1) {
      if (absences > 0) await sleep(backoffMs(absences), { summary: this.#summary('the monitor is gone') });
      const end = (await this.#startMonitor()) ?? (await this.#join());
      if (end) return end;
    }
    return this.#told;
  }

  get #isOver(): boolean {
    return this.#isGivenUp || this.#told !== undefined;
  }

  /** How a monitor ended that is started here; `undefined` where there is one that runs or has completed. */
  async #startMonitor(): Promise<MonitorCompletion | undefined> {
    const { callSid } = this.#input;
    try {
      const monitor = await startChild<typeof monitorOutboundCall>(MONITOR_WORKFLOW_TYPE, {
        workflowId: monitorWorkflowId(callSid),
        taskQueue: this.#taskQueue,
        args: [this.#input],
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        // Others may wait for it too, and the next run of this workflow.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        staticSummary: `PolyAI outbound call ${callSid}`,
        memo: { callSid },
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

  /** How a monitor ended that someone else has started; `undefined` when there is none any more, or nobody waits. */
  async #join(): Promise<MonitorCompletion | undefined> {
    let isTold = await this.#askToBeTold();
    let askedRunId: string | undefined;
    for (let looks = 0; !this.#isOver; looks += 1) {
      // A signal that was refused: it has closed, as a rule.
      if (isTold || looks > 0) await this.#waitForEnd(lookAfterMs(looks, isTold));
      const seen = await this.#look();
      if (!seen) break;
      if (seen.state === 'ended') return seen.result ? { result: seen.result } : { failure: seen.failure };
      if (seen.state === 'absent') return undefined;
      // Started again since, or continued as new by a version that tells nobody.
      if (seen.runId !== askedRunId) isTold = await this.#askToBeTold();
      askedRunId = seen.runId;
    }
    return this.#told;
  }

  /** Whether the monitor has been asked to tell this workflow when it has ended. */
  async #askToBeTold(): Promise<boolean> {
    const { workflowId } = workflowInfo();
    try {
      const monitor = getExternalWorkflowHandle(monitorWorkflowId(this.#input.callSid));
      await monitor.signal(notifyWhenEndedSignal, { workflowId });
      return true;
    } catch {
      return false;
    }
  }

  async #waitForEnd(ms: number): Promise<void> {
    await condition(() => this.#isOver, ms, { summary: this.#summary('look at the monitor') });
  }

  /** `undefined` when the monitor has told meanwhile, or nobody waits. */
  async #look(): Promise<ReadMonitorResult | undefined> {
    if (this.#isOver) return undefined;
    const { callSid } = this.#input;
    const { readMonitor } = proxyActivities<PolyAiActivities>({
      taskQueue: this.#taskQueue,
      startToCloseTimeout: READ_MONITOR_TIMEOUT_MS,
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      retry: RETRY_POLICY,
      summary: this.#summary('how the monitor stands'),
    });
    const scope = new CancellationScope();
    try {
      const isOver = () => condition(() => this.#isOver).then(() => undefined);
      return await scope.run(() => Promise.race([readMonitor({ callSid }), isOver()]));
    } finally {
      scope.cancel();
    }
  }

  /** One line for the Web UI. */
  #summary(purpose: string): string {
    return `${this.#input.callSid}: ${purpose}`;
  }
}

function lookAfterMs(looks: number, isTold: boolean): number {
  return Math.min((isTold ? FIRST_LOOK_MS : UNTOLD_LOOK_MS) * 2 ** looks, MAX_LOOK_MS);
}
