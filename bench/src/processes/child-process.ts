import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createBirpc, type BirpcReturn } from 'birpc';

const KEPT_OUTPUT_CHARACTERS = 4_000;
const END_GRACE_MS = 6_000;

/** A running program of this folder. It exits with this process, because it watches the channel to it. */
export interface ChildProcessHandle<Functions extends object = Record<string, never>> {
  readonly pid: number;
  /** Calls the functions that the child serves. */
  readonly rpc: BirpcReturn<Functions>;
  /** Rejects when the child exits before `end`; the message has the last that it printed. */
  readonly failed: Promise<never>;
  end(): Promise<void>;
}

/**
 * Starts a program of this folder.
 *
 * @param name of its file
 * @param env in addition to this process's own
 */
export function forkChild<Functions extends object>(
  name: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcessHandle<Functions> {
  const child = fork(join(import.meta.dirname, `${name}.js`), [], {
    silent: true,
    // Carries errors and `Infinity`, which JSON does not.
    serialization: 'advanced',
    env: { ...process.env, ...env },
  });
  let output = '';
  const append = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
  };
  child.stdout?.on('data', append);
  child.stderr?.on('data', append);

  const rpc = createBirpc<Functions>(
    {},
    {
      post: (data: object) => void child.send(data),
      on: (receive) => void child.on('message', receive),
      timeout: -1,
    },
  );
  let isEnding = false;
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const failed = exited.then(async ([code, signal]) => {
    const error = new Error(`the ${name} process ended (${signal ?? `exit code ${code}`}):\n${output}`);
    rpc.$close(error);
    return isEnding ? await new Promise<never>(() => undefined) : await Promise.reject(error);
  });
  failed.catch(() => undefined);
  return {
    pid: child.pid!,
    rpc,
    failed,
    async end() {
      isEnding = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), END_GRACE_MS);
      await exited;
      clearTimeout(forced);
    },
  };
}

/**
 * Serves functions to the parent process (`ChildProcessHandle.rpc`). This process exits with its parent; Ctrl-C, which the
 * terminal sends to both, is left to the parent.
 */
export function serve(functions: object): void {
  process.on('disconnect', () => process.exit());
  process.on('SIGINT', () => undefined);
  createBirpc(functions, {
    // The parent may be gone, which does not matter then.
    post: (data: object) => process.connected && process.send?.(data, undefined, {}, () => undefined),
    on: (receive) => void process.on('message', receive),
    timeout: -1,
  });
}

/** Shuts this worker process down when its parent is gone. */
export function shutDownWithParent(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
