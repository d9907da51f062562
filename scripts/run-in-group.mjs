import { spawn } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs npm in a process group, so that everything that it started ends with a timeout, and with this process.
 *
 * @param options.timeoutMinutes after which it is killed
 * @param options.onStart gets the child process
 * @returns what went wrong; `undefined` when it ended with exit code 0
 */
export function runInGroup(args, { timeoutMinutes, env = process.env, stdio, onStart = () => undefined }) {
  const what = `npm ${args.filter((arg) => arg !== '--silent').join(' ')}`;
  return new Promise((resolve) => {
    const child = spawn('npm', args, { env, stdio, detached: true });
    const kill = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    };
    // Of several groups all are killed: at the exit.
    const interrupt = () => process.exit(130);
    process.once('exit', kill);
    for (const signal of SIGNALS) process.once(signal, interrupt);
    const end = (problem) => {
      clearTimeout(timer);
      process.off('exit', kill);
      for (const signal of SIGNALS) process.off(signal, interrupt);
      resolve(problem);
    };
    // Not at its close: a process in a group of its own may hold its output open.
    const timer = setTimeout(() => {
      kill();
      end(`${what} did not end within ${timeoutMinutes} minutes`);
    }, timeoutMinutes * 60_000);
    // What npm has left running, whose output its close would wait for.
    child.on('exit', kill);
    child.on('error', ({ message }) => end(`${what} did not start: ${message}`));
    child.on('close', (code, signal) => end(code === 0 ? undefined : `${what} ended with ${endOf(code, signal)}`));
    onStart(child);
  });
}

function endOf(code, signal) {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
