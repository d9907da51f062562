import { Console } from 'node:console';
import { Readable } from 'node:stream';
import { type RunnerTestCase, TestRunner, vi } from 'vitest';

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

let last = Promise.resolve();

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
  const turn = new Turn();
  // One that never ends takes its test's time, and no other's.
  TestRunner.getCurrentTest<RunnerTestCase | undefined>()?.context.onTestFinished(() => turn.end());
  try {
    const { stdout, stderr } = await turn.begin(options);
    const code = await run().catch(reportError);
    return new CliResult(code, stdout.text, stderr.text);
  } finally {
    turn.end();
  }
}

/** Runs the worker that an environment describes in this process, which has a `Runtime` already. For one that does not start. */
export async function callWorker(env: Readonly<Record<string, string>>): Promise<CliResult> {
  const run = async () => {
    await runWorker({ config: loadWorkerConfig(), temporal: loadTemporalConfig() });
    return 0;
  };
  return await callCommand(run, { env });
}

/** In which a command has this process: its streams, variables, folder and exit code. */
class Turn {
  readonly #previous = last;
  #giveBack: () => void = () => undefined;
  #pass: () => void = () => undefined;
  #isOver = false;

  constructor() {
    const over = new Promise<void>((resolve) => (this.#pass = resolve));
    last = this.#previous.then(() => over);
  }

  async begin(options: CallOptions): Promise<{ readonly stdout: Captured; readonly stderr: Captured }> {
    await this.#previous;
    if (this.#isOver) throw new Error('the test is over');
    const { stdout, stderr, giveBack } = takeProcess(options);
    this.#giveBack = giveBack;
    return { stdout, stderr };
  }

  /** The first time only: then the process is another one's. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#giveBack();
    this.#pass();
  }
}

function takeProcess({ env, cwd, input = '' }: CallOptions) {
  const { env: variables, exitCode } = process;
  const { console } = globalThis;
  const folder = process.cwd();
  const others = Object.entries(variables).filter(([name]) => !READ_BY_COMMANDS.test(name));
  if (cwd !== undefined) process.chdir(cwd);
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  const stdin = vi
    .spyOn(process, 'stdin', 'get')
    .mockReturnValue(Readable.from([input]) as unknown as typeof process.stdin);
  process.env = { ...Object.fromEntries(others), ...env };
  process.exitCode = undefined;
  // Vitest's console does not print to the streams.
  globalThis.console = new Console(process.stdout, process.stderr);
  const giveBack = (): void => {
    process.chdir(folder);
    process.exitCode = exitCode;
    process.env = variables;
    globalThis.console = console;
    stdin.mockRestore();
    stdout.restore();
    stderr.restore();
  };
  return { stdout, stderr, giveBack };
}

interface Captured {
  text: string;
  restore: () => void;
}

/** What is written to a stream until `restore`. */
function capture(stream: NodeJS.WriteStream): Captured {
  const captured: Captured = { text: '', restore: () => write.mockRestore() };
  const write = vi.spyOn(stream, 'write').mockImplementation((chunk: string | Uint8Array) => {
    captured.text += chunk.toString();
    return true;
  });
  return captured;
}
