import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

import { eventually } from './dev-server-rig.js';

/** The built command line. */
export const CLI_PATH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface CliProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The built command line as a process of its own. */
export class CliProcess {
  readonly #process: ChildProcess;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], { env, cwd }: CliProcessOptions = {}) {
    const { PATH, HOME } = process.env;
    this.#process = spawn(process.execPath, [CLI_PATH, ...args], { cwd, env: { PATH, HOME, ...env } });
    this.#process.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Its one JSON object. */
  get json(): unknown {
    return JSON.parse(this.#stdout) as unknown;
  }

  /** Waits until it has printed `text`. */
  async prints(text: string): Promise<void> {
    await eventually(`"${text}"`, () => {
      const output = this.#stdout + this.#stderr;
      if (output.includes(text)) return true;
      if (this.#process.exitCode === null) return undefined;
      throw new Error(`ended with ${this.#process.exitCode} without printing "${text}": ${output}`);
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
