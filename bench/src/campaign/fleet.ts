import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { residentBytes } from '../measure/process-usage.js';

const MEMORY_SAMPLE_MS = 2_000;
const KEPT_OUTPUT_CHARACTERS = 4_000;

interface FleetOptions {
  readonly workers: number;
  /** Of the repository; the program that `npm start` runs. */
  readonly workerPath: string;
  /** Instead of it the worker whose store has no guard. */
  readonly unguarded: boolean;
  readonly env: Readonly<Record<string, string>>;
}

/** Worker processes, of which some are killed or stopped; each is replaced at once. */
export class WorkerFleet {
  /** Resident memory of the first worker over time, in bytes. */
  readonly memory: number[] = [];
  readonly #workers: ChildProcess[];
  readonly #stopped = new Set<ChildProcess>();
  readonly #sampler: NodeJS.Timeout;
  readonly #killAll = (): void => this.#living().forEach((worker) => void worker.kill('SIGKILL'));
  #isEnding = false;
  #output = '';

  constructor(private readonly options: FleetOptions) {
    this.#workers = Array.from({ length: options.workers }, () => this.#spawn());
    process.once('exit', this.#killAll);
    this.#sampler = setInterval(() => this.memory.push(...residentBytes([this.#workers[0]!.pid!])), MEMORY_SAMPLE_MS);
  }

  /** The last that the workers have printed. */
  get output(): string {
    return this.#output;
  }

  async kill(index: number): Promise<void> {
    const victim = this.#workers[index]!;
    this.#workers[index] = this.#spawn();
    victim.kill('SIGKILL');
    await once(victim, 'exit');
  }

  /** Stops a worker for some time, while another one takes its place; then it goes on beside that one, and is ended. */
  stop(index: number, ms: number): void {
    const victim = this.#workers[index]!;
    this.#workers[index] = this.#spawn();
    victim.kill('SIGSTOP');
    this.#stopped.add(victim);
    setTimeout(() => {
      victim.kill('SIGCONT');
      // Long enough to send what it was about to send.
      setTimeout(() => victim.kill('SIGTERM'), 10_000).unref();
    }, ms).unref();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    clearInterval(this.#sampler);
    process.off('exit', this.#killAll);
    const all = this.#living();
    this.#killAll();
    await Promise.all(all.map((worker) => once(worker, 'exit')));
  }

  #living(): ChildProcess[] {
    return [...this.#workers, ...this.#stopped].filter((worker) => worker.exitCode === null && !worker.signalCode);
  }

  #spawn(): ChildProcess {
    const { workerPath, unguarded, env } = this.options;
    const program = unguarded ? join(import.meta.dirname, '../processes/unguarded-worker.js') : workerPath;
    const worker = spawn(process.execPath, [program], { env: { ...process.env, ...env }, stdio: 'pipe' });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
    };
    worker.stdout.on('data', keep);
    worker.stderr.on('data', keep);
    // A worker that cannot connect while the server is away ends by itself.
    worker.once('exit', () => {
      const index = this.#workers.indexOf(worker);
      if (index >= 0 && !this.#isEnding) this.#workers[index] = this.#spawn();
    });
    return worker;
  }
}
