import { execFile } from 'node:child_process';

const LONGEST_REASON = 400;

/** How a command is run. */
export interface RunCommandOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** After so many milliseconds the command is killed. */
  readonly timeoutMs: number;
  /** Kills the command. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a command to its end.
 *
 * @throws Error whose message is the reason in one line: not installed, too slow, or the last line it printed.
 */
export function runCommand(file: string, args: readonly string[], options: RunCommandOptions): Promise<void> {
  const { cwd, env, timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', ...(signal && { signal }) } as const;
    execFile(file, args, { cwd, env, ...limits }, (error, _stdout, stderr) => {
      if (!error) resolve();
      else if (signal?.aborted) reject(new Error('was interrupted'));
      else if (error.code === 'ENOENT') reject(new Error(`${file} is not installed`));
      else if (error.killed) reject(new Error(`gave no answer within ${timeoutMs / 1_000} s`));
      else reject(new Error(lastLine(stderr) ?? `${file} ended with exit code ${error.code}`));
    });
  });
}

function lastLine(output: string): string | undefined {
  return output.trim().split('\n').at(-1)?.trim().slice(-LONGEST_REASON) || undefined;
}
