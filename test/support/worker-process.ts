import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const workerPath = fileURLToPath(new URL('../../dist/worker.js', import.meta.url));

type OnFinished = (end: () => void) => void;

/** The built worker as a process; it ends with the test at the latest. */
export class WorkerProcess {
  readonly #process: ChildProcess;
  #output = '';

  /** @param onFinished of the test's context, where tests run concurrently */
  constructor(environment: Readonly<Record<string, string | undefined>>, onFinished: OnFinished = onTestFinished) {
    const { PATH, HOME } = process.env;
    this.#process = spawn(process.execPath, [workerPath], { env: { PATH, HOME, ...environment } });
    onFinished(() => void this.#process.kill('SIGKILL'));
    this.#process.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** Everything that it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Whether the worker polls its task queue. */
  get isRunning(): boolean {
    return this.#output.includes("state: 'RUNNING'");
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
