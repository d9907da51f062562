import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, chmodSync, chownSync, constants, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.mjs';
import { UnavailableError } from './shapes/shape.mjs';

const run = promisify(execFile);

/** Where Debian keeps what is not on PATH. */
const DEBIAN = '/usr/lib/postgresql';
const READY_TIMEOUT_MS = 20_000;
/** `nobody` on Debian and its like; PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

/**
 * A PostgreSQL cluster of our own with default settings, on loopback with a random password.
 *
 * @typedef {{ url: string, pid: number, stop: () => Promise<void> }} Postgres
 * @param {string} folder
 * @returns {Promise<Postgres>}
 */
export async function startPostgres(folder) {
  const binaries = findBinaries();
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const home = join(folder, 'postgres');
  const data = join(home, 'data');
  const passwordFile = join(home, 'password');
  const password = randomBytes(16).toString('hex');
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user.uid !== undefined) {
    for (const path of [home, passwordFile]) chownSync(path, user.uid, user.gid);
    // Others may pass through, not look.
    chmodSync(folder, 0o711);
  }
  const cluster = ['-D', data, '-U', 'bench', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'];
  await run(join(binaries, 'initdb'), [...cluster, '--locale=C'], { ...user, cwd: home });

  const port = await freePort();
  const where = ['-D', data, '-k', home, '-p', String(port), '-c', 'listen_addresses=127.0.0.1'];
  // Ctrl-C is ours to handle, hence a process group of its own.
  const server = spawn(join(binaries, 'postgres'), where, { ...user, cwd: home, detached: true, stdio: 'ignore' });
  const killNow = () => server.kill('SIGQUIT');
  process.once('exit', killNow);
  const stop = async () => {
    process.off('exit', killNow);
    if (server.exitCode !== null || server.signalCode !== null) return;
    // Immediate shutdown: the data goes anyway.
    server.kill('SIGQUIT');
    await once(server, 'exit');
  };
  try {
    await untilReady(join(binaries, 'pg_isready'), port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgresql://bench:${password}@127.0.0.1:${port}/bench`, pid: server.pid ?? 0, stop };
}

function findBinaries() {
  const versions = listed(DEBIAN).sort((a, b) => Number(b) - Number(a));
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  const found = folders.find((path) => ['initdb', 'postgres', 'pg_isready'].every((name) => canRun(join(path, name))));
  if (found === undefined)
    throw new UnavailableError('PostgreSQL is not installed (on Debian: apt-get install postgresql)');
  return found;
}

/** @param {string} folder */
function listed(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param {string} path */
function canRun(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} pgIsReady @param {number} port */
async function untilReady(pgIsReady, port) {
  const giveUpAt = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      await run(pgIsReady, ['-h', '127.0.0.1', '-p', String(port)]);
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw new Error('PostgreSQL did not start', { cause: error });
      await sleep(100);
    }
  }
}
