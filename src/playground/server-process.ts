import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const STOP_GRACE_MS = 5_000;

// Reads until a line arrives (the server ended) or the pipe closes because this process is gone, for whatever reason.
const WATCHDOG_SCRIPT = 'read -r line || kill -s KILL -- "-$0"';

/** A server process that survives Ctrl-C, but not the end of this process. */
interface ServerProcess {
  /** Resolves when it has ended, to `exit code 1`, `killed by SIGKILL`, or the reason why it could not start. */
  readonly ended: Promise<string>;
  /** Sends `signal`, and SIGKILL after 5 s. Resolves when it has ended; later calls have no effect. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Starts a server in a process group of its own, so that its owner handles Ctrl-C in the terminal. When this process
 * ends without having stopped it, the server is killed: on exit by a hook, and on a signal, a crash or SIGKILL by a watchdog
 * shell (POSIX only).
 */
export function spawnServer(file: string, args: readonly string[], logDescriptor: number): ServerProcess {
  const stdio = ['ignore', logDescriptor, logDescriptor] as const;
  const child = spawn(file, args, { detached: true, windowsHide: true, stdio: [...stdio] });
  child.unref();
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`));
  });
  const killNow = () => signalGroup(child, 'SIGKILL');
  process.once('exit', killNow);
  const stopWatchdog = startWatchdog(child.pid);
  void ended.then(() => {
    process.off('exit', killNow);
    stopWatchdog();
  });
  return {
    ended,
    async stop(signal) {
      child.ref();
      signalGroup(child, signal);
      const forced = setTimeout(killNow, STOP_GRACE_MS);
      await ended;
      clearTimeout(forced);
    },
  };
}

function startWatchdog(pid: number | undefined): () => void {
  if (pid === undefined || process.platform === 'win32') return () => undefined;
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG_SCRIPT, String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.on('error', () => undefined);
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  return () => void watchdog.stdin.end('ended\n');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const TAIL_BYTES = 2_000;

/** A server's output. It is a file, so that the server never waits for a reader. */
interface ServerLog {
  /** The open file, for the server's stdio. */
  readonly descriptor: number;
  /** The last 2,000 bytes written since it was opened. */
  tail(): string;
  close(): void;
}

/** Opens the log at `path` to append; without a path, an unlinked temporary file that is deleted when it is closed. */
export function openServerLog(path?: string): ServerLog {
  const descriptor = path === undefined ? openUnlinked() : openNamed(path);
  const start = fstatSync(descriptor).size;
  return {
    descriptor,
    tail() {
      const { size } = fstatSync(descriptor);
      const from = Math.max(start, size - TAIL_BYTES);
      const bytes = Buffer.alloc(size - from);
      readSync(descriptor, bytes, 0, bytes.length, from);
      return bytes.toString().trim();
    },
    close: () => closeSync(descriptor),
  };
}

function openNamed(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a+');
}

function openUnlinked(): number {
  const path = join(tmpdir(), `temporal-polyai-${randomUUID()}.log`);
  const descriptor = openSync(path, 'ax+', 0o600);
  unlinkSync(path);
  return descriptor;
}
