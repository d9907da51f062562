import type {
  BundleOptions,
  BundlerPlugin,
  InjectedSinks,
  ReplayWorkerOptions,
  WorkerOptions,
  WorkerPlugin,
} from '@temporalio/worker';

import type { PolyAiActivities } from '../activities/create-activities.js';
import { type MonitorStartSinks, NO_WORKER_AFTER_MS, noWorkerMessage } from '../contract/no-worker.js';
import { withDefaultWorkflows, withPolyAiWorkflows } from '../worker/workflow-code.js';

/** `PolyAiPlugin` with the activities of a test kit. Activities of the worker with the same names are kept. */
export class TestPlugin implements WorkerPlugin, BundlerPlugin {
  readonly name = 'temporal-polyai-testing';
  readonly #taskQueues = new Set<string>();

  constructor(private readonly activities: PolyAiActivities) {}

  configureWorker(worker: WorkerOptions): WorkerOptions {
    const { namespace = 'default', taskQueue, activities, sinks } = worker;
    this.#taskQueues.add(taskQueue);
    return {
      ...withDefaultWorkflows(worker),
      activities: { ...this.activities, ...activities },
      sinks: { ...sinks, ...this.#monitorStarts(namespace) },
    };
  }

  configureReplayWorker(worker: ReplayWorkerOptions): ReplayWorkerOptions {
    return withDefaultWorkflows(worker);
  }

  configureBundler(bundle: BundleOptions): BundleOptions {
    return withPolyAiWorkflows(bundle);
  }

  /** Temporal's test server does not tell who polls a task queue. */
  #monitorStarts(namespace: string): InjectedSinks<MonitorStartSinks> {
    const warn = (taskQueue: string): void => {
      if (this.#taskQueues.has(taskQueue)) return;
      this.#taskQueues.add(taskQueue);
      process.emitWarning(noWorkerMessage(taskQueue, namespace), 'NoWorkerWarning');
    };
    return {
      polyAiMonitorStarts: {
        started: { fn: (_workflow, taskQueue) => void setTimeout(() => warn(taskQueue), NO_WORKER_AFTER_MS).unref() },
      },
    };
  }
}
