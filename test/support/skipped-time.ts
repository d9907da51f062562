import type { Client } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import type { ActivityInterceptorsFactory, WorkerOptions, WorkerPlugin } from '@temporalio/worker';

import { QUEUE_READS_ARGS } from './queue-reads.js';

/** Arguments of a dev server (1.32) whose workflows may skip time. */
export const TIME_SKIPPING_ARGS = [
  ...QUEUE_READS_ARGS,
  ...[
    'frontend.WorkflowTimeSkippingEnabled=true',
    // How late a timer that has become due may be: a second by default.
    'history.timerProcessorMaxTimeShift="1ms"',
    // Server 1.32 adds the skipped time twice to the start of a continued run (temporalio/temporal#11635). When that run is younger
    // than this minimum, the next one backs off, and skips up to as much time again.
    'history.workflowIdReuseMinimalInterval="-100000h"',
  ].flatMap((setting) => ['--dynamic-config-value', setting]),
];

/** The server's default is 100. */
const MAX_SKIPS = 100_000;

/**
 * The clock of one workflow on a dev server, which skips the time in which the workflow only waits for a timer. As a plugin of
 * the workers it learns from each activity how much was skipped. (The time-skipping test server has no worker deployments.)
 */
export class SkippedTime implements WorkerPlugin {
  readonly name = 'skipped-time';
  readonly #aheadMs: number;
  readonly #skips = [{ sinceMs: 0, skippedMs: 0 }];

  /** @param start what time it is now */
  constructor(
    private readonly client: Client,
    private readonly workflowId: string,
    start: string,
  ) {
    this.#aheadMs = Date.parse(start) - Date.now();
  }

  /** In epoch milliseconds, as of the workflow's last activity: what was skipped since is missing. */
  readonly now = (): number => this.at(Date.now());

  /** What time it was at a moment of the real clock. */
  at(realMs: number): number {
    return realMs + this.#aheadMs + this.#skips.findLast(({ sinceMs }) => sinceMs <= realMs)!.skippedMs;
  }

  configureWorker(options: WorkerOptions): WorkerOptions {
    const { activity = [], ...interceptors } = options.interceptors ?? {};
    return { ...options, interceptors: { ...interceptors, activity: [...activity, this.#interceptors] } };
  }

  /** Skips what is only waited for, until it is so late. From then on the workflow waits in real time. */
  async skipUntil(time: string): Promise<void> {
    const { namespace } = this.client.options;
    const forMs = Date.parse(time) - this.#aheadMs - (await this.#workflowNow());
    await this.#update({ fastForwardConfig: { id: time, duration: msToTs(forMs) } });
    const request = { namespace, workflowExecution: { workflowId: this.workflowId }, fastForwardId: time };
    for (;;) {
      const { fastForwardInfo, failedReason } =
        await this.client.workflowService.pollWorkflowExecutionTimeSkipping(request);
      if (failedReason) throw new Error(`it did not become ${time}: ${failedReason}`);
      if (fastForwardInfo?.hasCompleted) return;
    }
  }

  /** Skips all that is only waited for, to the workflow's end. */
  async skip(): Promise<void> {
    await this.#update({});
  }

  /** By the server's clock, from whose time this one's differs by the same all the time. */
  async #workflowNow(): Promise<number> {
    const { raw } = await this.client.workflow.getHandle(this.workflowId).describe();
    const { currentTime } = raw.workflowExtendedInfo?.timeSkippingInfo ?? {};
    return currentTime ? tsToMs(currentTime) : Date.now();
  }

  async #update(config: object): Promise<void> {
    await this.client.workflowService.updateWorkflowExecutionOptions({
      namespace: this.client.options.namespace,
      workflowExecution: { workflowId: this.workflowId },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true, maxSessionSkipCount: MAX_SKIPS, ...config } },
      updateMask: { paths: ['time_skipping_config'] },
    });
  }

  readonly #interceptors: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const { workflowExecution, currentAttemptScheduledTimestampMs } = info;
        if (workflowExecution?.workflowId === this.workflowId) this.#follow(currentAttemptScheduledTimestampMs);
        return await next(input);
      },
    },
  });

  #follow(workflowMs: number): void {
    const sinceMs = Date.now();
    const skippedMs = workflowMs - sinceMs;
    // An activity that waited for a worker seems to have skipped less.
    if (skippedMs > this.#skips.at(-1)!.skippedMs) this.#skips.push({ sinceMs, skippedMs });
  }
}
