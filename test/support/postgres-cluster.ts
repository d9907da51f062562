import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { inject } from 'vitest';

import { choosePorts } from '../../src/playground/ports.js';
import { eventually } from './dev-server-rig.js';

const run = promisify(execFile);

/** The user `nobody` on Linux. PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const SUPERUSER = 'tester';

/** A PostgreSQL server on loopback with a random password, which a test may stop and start again. */
export class PostgresCluster {
  readonly password = randomBytes(16).toString('hex');
  readonly #home: string;
  readonly #account: { readonly uid?: number; readonly gid?: number };
  readonly #binaries = inject('postgresBinaries');
  readonly #killNow = (): void => void this.#server?.kill('SIGQUIT');
  #port = 0;
  #server: ChildProcess | undefined;
  #databases = 0;

  private constructor() {
    this.#home = mkdtempSync(join(tmpdir(), 'temporal-polyai-postgres-'));
    this.#account = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (this.#account.uid !== undefined) chownSync(this.#home, NOBODY, NOBODY);
  }

  static async start(): Promise<PostgresCluster> {
    const cluster = new PostgresCluster();
    try {
      await cluster.#initialize();
      await cluster.start();
      return cluster;
    } catch (error) {
      await cluster.end();
      throw error;
    }
  }

  /** @param user a role and its password; the superuser unless given */
  url(database: string, { user = SUPERUSER, password = this.password } = {}): string {
    return `postgresql://${user}:${password}@127.0.0.1:${this.#port}/${database}`;
  }

  /** The folder of its Unix socket. */
  get socketFolder(): string {
    return this.#home;
  }

  get port(): number {
    return this.#port;
  }

  /**
   * An empty database, as a URL.
   *
   * @param options further SQL of `CREATE DATABASE`
   */
  async createDatabase(options = ''): Promise<string> {
    const name = `outcomes_${(this.#databases += 1)}`;
    await query(this.url('postgres'), `CREATE DATABASE ${name} ${options}`);
    return this.url(name);
  }

  async start(): Promise<void> {
    const where = ['-D', join(this.#home, 'data'), '-k', this.#home, '-p', String(this.#port)];
    const settings = ['listen_addresses=127.0.0.1', 'shared_buffers=16MB', 'log_min_messages=panic'];
    const server = spawn(
      join(this.#binaries, 'postgres'),
      [...where, ...settings.flatMap((setting) => ['-c', setting])],
      {
        ...this.#account,
        cwd: this.#home,
        detached: true,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    this.#server = server;
    process.once('exit', this.#killNow);
    await eventually('PostgreSQL', async () => {
      if (server.exitCode !== null) throw new Error(`PostgreSQL ended with exit code ${server.exitCode}`);
      return await query(this.url('postgres'), 'SELECT 1').catch(() => undefined);
    });
  }

  /** Ends all connections at once, as a restart of the service does. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    const server = this.#server;
    process.off('exit', this.#killNow);
    if (server?.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, 'exit');
  }

  async end(): Promise<void> {
    await this.stop('SIGQUIT');
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #initialize(): Promise<void> {
    const passwordFile = join(this.#home, 'password');
    writeFileSync(passwordFile, this.password, { mode: 0o600 });
    if (this.#account.uid !== undefined) chownSync(passwordFile, NOBODY, NOBODY);
    const options = ['-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'];
    await run(join(this.#binaries, 'initdb'), ['-D', join(this.#home, 'data'), '--no-sync', '--locale=C', ...options], {
      ...this.#account,
      cwd: this.#home,
    });
    [this.#port = 0] = await choosePorts('127.0.0.1', [undefined]);
  }
}

/** Runs statements in a database. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}
