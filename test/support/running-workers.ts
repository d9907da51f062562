import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';

/** The workers of a rig. A test that times out leaves its workers running, and they would take the tasks of the next test. */
export class RunningWorkers {
  readonly #workers = new Set<Worker>();

  /** Runs a worker until `work` is done. */
  async runUntil<T>(worker: Worker, work: () => Promise<T>): Promise<T> {
    this.#workers.add(worker);
    try {
      return await worker.runUntil(work);
    } finally {
      this.#workers.delete(worker);
    }
  }

  /** Stops those of a test that has timed out. */
  async stop(): Promise<void> {
    for (const worker of this.#workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      while (worker.getState() !== 'STOPPED') await pause(100);
    }
  }
}
