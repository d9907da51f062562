import type { InjectedSinks, Logger, NativeConnection } from '@temporalio/worker';

import { type MonitorStartSinks, NO_WORKER_AFTER_MS, noWorkerMessage } from '../contract/no-worker.js';
import { readRunningPollers } from '../platform/pollers.js';

/** A worker that ends later is another worker's concern: alerts and `temporal-polyai doctor` find it. */
const CHECK_EVERY_MS = 60_000;

type Connection = Pick<NativeConnection, 'workflowService'>;

interface MonitorStartWatchOptions {
  /** @default nothing is checked */
  readonly connection: Connection | undefined;
  readonly namespace: string;
  /** The task queue of the worker whose workflows start monitors. */
  readonly taskQueue: string;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Warns of monitors that workflows of a worker start on a task queue that no worker polls. */
export class MonitorStartWatch {
  /** By task queue. */
  readonly #checkedAtMs = new Map<string, number>();

  constructor(private readonly options: MonitorStartWatchOptions) {}

  get sinks(): InjectedSinks<MonitorStartSinks> {
    return { polyAiMonitorStarts: { started: { fn: (_workflow, taskQueue) => this.#watch(taskQueue) } } };
  }

  #watch(taskQueue: string): void {
    const { connection, taskQueue: own } = this.options;
    if (!connection || taskQueue === own) return;
    const now = performance.now();
    if (now - (this.#checkedAtMs.get(taskQueue) ?? -Infinity) < CHECK_EVERY_MS) return;
    this.#checkedAtMs.set(taskQueue, now);
    setTimeout(() => void this.#check(connection, taskQueue), NO_WORKER_AFTER_MS).unref();
  }

  /** Errors of the server are ignored: the worker's own requests show them. */
  async #check({ workflowService }: Connection, taskQueue: string): Promise<void> {
    const { namespace, logger } = this.options;
    const client = { workflowService, options: { namespace } };
    const pollers = await readRunningPollers(client, { taskQueue, kind: 'workflows' }).catch(() => undefined);
    if (pollers?.length === 0) logger.warn(noWorkerMessage(taskQueue, namespace), { taskQueue, namespace });
  }
}
