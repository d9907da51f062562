import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

import { ProcessOutput } from './process-output.js';

const workerPath = fileURLToPath(new URL('../../dist/worker.js', import.meta.url));

/**
 * The built worker as a process; it ends with the test at the latest. Like a worker in the process of the test it runs workflows
 * on its main thread: a thread costs 0.3 s of CPU. `TEMPORAL_DEBUG: undefined` starts it as in production.
 */
export class WorkerProcess {
  readonly #process: ChildProcess;
  readonly #output: ProcessOutput;

  /** @param onFinished of the test's context, where tests run concurrently */
  constructor(environment: Readonly<Record<string, string | undefined>>, onFinished = onTestFinished) {
    const { PATH, HOME } = process.env;
    this.#process = spawn(process.execPath, [workerPath], {
      env: { PATH, HOME, TEMPORAL_DEBUG: 'true', ...environment },
    });
    this.#output = new ProcessOutput(this.#process);
    onFinished(({ task }) => {
      if (task.result?.state === 'fail') console.error(this.#output.report);
      this.#process.kill('SIGKILL');
    });
  }

  /** Everything that it has printed so far. */
  get output(): string {
    return this.#output.all;
  }

  /** Whether the worker polls its task queue. */
  get isRunning(): boolean {
    return this.output.includes("state: 'RUNNING'");
  }

  /** Ends it with a signal and gives its exit code; `null` when the signal killed it. */
  async end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<number | null> {
    this.#process.kill(signal);
    return await this.exited();
  }

  /** Its exit code, once it has ended by itself. */
  async exited(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'close');
    return this.#process.exitCode;
  }
}
