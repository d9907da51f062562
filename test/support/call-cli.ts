import { Console } from 'node:console';
import { Readable } from 'node:stream';
import { vi } from 'vitest';

import { createProgram } from '../../src/cli/program.js';
import { reportError } from '../../src/cli/terminal.js';
import { loadWorkerConfig } from '../../src/worker/config.js';
import { runWorker } from '../../src/worker/run-worker.js';
import { loadTemporalConfig } from '../../src/worker/temporal-config.js';
import type { CliProcessOptions } from './cli-process.js';

interface CallOptions extends CliProcessOptions {
  /** What the command reads from stdin, which is no terminal. */
  readonly input?: string;
}

/** What a command printed, and its exit code. */
class CliResult {
  constructor(
    readonly code: number,
    readonly stdout: string,
    readonly stderr: string,
  ) {}

  /** Its one JSON object. */
  get json(): unknown {
    return JSON.parse(this.stdout) as unknown;
  }
}

/** Variables that commands read. */
const READ_BY_COMMANDS = /^(?:POLYAI|TEMPORAL|OTEL)_/;

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a command to its end in this process, one at a time: it prints and answers what `runCli` does, for a tenth of the CPU.
 * What only a process has (its end, signals, pipes, a worker) is tested by `runCli` and `startCli`.
 */
export async function callCli(args: readonly string[], options?: CallOptions): Promise<CliResult> {
  return await callCommand(async () => {
    await createProgram().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  }, options);
}

/** As `callCli`, for a command that ends the process, by the function that it calls. */
export async function callCommand(run: () => Promise<number>, options: CallOptions = {}): Promise<CliResult> {
  const call = last.then(() => callNow(run, options));
  last = call.catch(() => undefined);
  return await call;
}

/** Runs the worker that an environment describes in this process, which has a `Runtime` already. For one that does not start. */
export async function callWorker(env: Readonly<Record<string, string>>): Promise<CliResult> {
  const run = async () => {
    await runWorker({ config: loadWorkerConfig(), temporal: loadTemporalConfig() });
    return 0;
  };
  return await callCommand(run, { env });
}

async function callNow(run: () => Promise<number>, { env, cwd, input = '' }: CallOptions): Promise<CliResult> {
  const { env: variables, exitCode } = process;
  const { console } = globalThis;
  const folder = process.cwd();
  const others = Object.entries(variables).filter(([name]) => !READ_BY_COMMANDS.test(name));
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  const stdin = vi
    .spyOn(process, 'stdin', 'get')
    .mockReturnValue(Readable.from([input]) as unknown as typeof process.stdin);
  try {
    process.env = { ...Object.fromEntries(others), ...env };
    process.exitCode = undefined;
    // Vitest's console does not print to the streams.
    globalThis.console = new Console(process.stdout, process.stderr);
    if (cwd !== undefined) process.chdir(cwd);
    const code = await run().catch(reportError);
    return new CliResult(code, stdout.text, stderr.text);
  } finally {
    process.chdir(folder);
    process.exitCode = exitCode;
    process.env = variables;
    globalThis.console = console;
    stdin.mockRestore();
    stdout.restore();
    stderr.restore();
  }
}

/** What is written to a stream until `restore`. */
function capture(stream: NodeJS.WriteStream): { text: string; restore: () => void } {
  const captured = { text: '', restore: () => write.mockRestore() };
  const write = vi.spyOn(stream, 'write').mockImplementation((chunk: string | Uint8Array) => {
    captured.text += chunk.toString();
    return true;
  });
  return captured;
}
