import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished, type RunnerTestCase, TestRunner } from 'vitest';

import { eventually } from './dev-server-rig.js';
import { ProcessOutput } from './process-output.js';

/** The built command line. */
export const CLI_PATH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface CliProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The built command line as a process of its own. A test that starts it shows its output when it fails. */
export class CliProcess {
  readonly #process: ChildProcess;
  readonly #output: ProcessOutput;

  constructor(args: readonly string[], { env, cwd }: CliProcessOptions = {}) {
    const { PATH, HOME } = process.env;
    this.#process = spawn(process.execPath, [CLI_PATH, ...args], { cwd, env: { PATH, HOME, ...env } });
    this.#output = new ProcessOutput(this.#process);
    // A hook may start it, too, outside of any test.
    TestRunner.getCurrentTest<RunnerTestCase | undefined>()?.context.onTestFailed(() =>
      console.error(this.#output.report),
    );
  }

  get stdout(): string {
    return this.#output.stdout;
  }

  get stderr(): string {
    return this.#output.stderr;
  }

  /** Its one JSON object. */
  get json(): unknown {
    return JSON.parse(this.stdout) as unknown;
  }

  /** Waits until it has printed `text`. */
  async prints(text: string): Promise<void> {
    await eventually(`"${text}"`, () => {
      if (this.#output.all.includes(text)) return true;
      if (this.#process.exitCode === null && this.#process.signalCode === null) return undefined;
      throw new Error(`ended without printing "${text}":\n${this.#output.report}`);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Sends a signal and waits for its exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.signal(signal);
    return await this.exited();
  }

  /** Its exit code, once it has ended. */
  async exited(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'close');
    return this.#process.exitCode;
  }
}

/** Starts a command; it ends with the test at the latest. */
export function startCli(args: readonly string[], options?: CliProcessOptions): CliProcess {
  const cli = new CliProcess(args, options);
  onTestFinished(() => cli.signal('SIGKILL'));
  return cli;
}

/** Runs a command to its end. */
export async function runCli(
  args: readonly string[],
  options?: CliProcessOptions,
): Promise<CliProcess & { code: number | null }> {
  const cli = new CliProcess(args, options);
  const code = await cli.exited();
  return Object.assign(cli, { code });
}
