import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const KEPT_OUTPUT = 4_000;
const END_GRACE_MS = 6_000;

/**
 * A process of `processes/`. Ends with this one, for it watches its channel.
 *
 * @typedef {object} Child
 * @property {number} pid
 * @property {(method: string, ...args: unknown[]) => Promise<any>} request calls a function that the child serves
 * @property {Promise<never>} failed rejects when the child ends before `end` was called, with the last that it printed
 * @property {() => Promise<void>} end
 */

/**
 * @param {string} name of the file in `processes/`
 * @param {Readonly<Record<string, string>>} [env] besides this process's own
 * @returns {Child}
 */
export function forkChild(name, env = {}) {
  const child = fork(join(import.meta.dirname, 'processes', `${name}.mjs`), [], {
    silent: true,
    env: { ...process.env, ...env },
  });
  let output = '';
  /** @param {Buffer} chunk */
  const keep = (chunk) => (output = (output + chunk.toString()).slice(-KEPT_OUTPUT));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);

  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  const open = new Map();
  let lastId = 0;
  let isEnding = false;
  child.on('message', (/** @type {any} */ { id, value, error }) => {
    const request = open.get(id);
    open.delete(id);
    if (error === undefined) request?.resolve(value);
    else request?.reject(new Error(`${name}: ${error}`));
  });
  const exited = once(child, 'exit');
  /** @type {Promise<never>} */
  const failed = new Promise((_, reject) => {
    void exited.then(([code, signal]) => {
      const error = new Error(`the ${name} process ended (${signal ?? `exit code ${code}`}):\n${output}`);
      for (const request of open.values()) request.reject(error);
      open.clear();
      if (!isEnding) reject(error);
    });
  });
  failed.catch(() => undefined);

  return {
    pid: /** @type {number} */ (child.pid),
    failed,
    request: (method, ...args) =>
      new Promise((resolve, reject) => {
        if (!child.connected) return reject(new Error(`the ${name} process has ended:\n${output}`));
        const id = ++lastId;
        open.set(id, { resolve, reject });
        child.send({ id, method, args }, (error) => error && reject(error));
      }),
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
