import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Client } from 'pg';

import { choosePorts } from '../../src/playground/ports.js';
import { eventually } from './eventually.js';

/** The user `nobody` on Linux. PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const SUPERUSER = 'tester';

/**
 * A PostgreSQL server on loopback with a random password, which a test may stop and start again. For tests that only need a
 * database there is one for all: `createDatabase(inject('postgresUrl'))`.
 */
export class PostgresCluster {
  readonly password = randomBytes(16).toString('hex');
  readonly #home: string;
  readonly #account: { readonly uid?: number; readonly gid?: number };
  readonly #killNow = (): void => void this.#server?.kill('SIGQUIT');
  #port = 0;
  #server: ChildProcess | undefined;

  private constructor(private readonly binaries: string) {
    this.#home = mkdtempSync(join(tmpdir(), 'temporal-polyai-postgres-'));
    this.#account = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (this.#account.uid !== undefined) chownSync(this.#home, NOBODY, NOBODY);
  }

  /** @param binaries `inject('postgresBinaries')` */
  static async start(binaries: string): Promise<PostgresCluster> {
    const cluster = new PostgresCluster(binaries);
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
    return await createDatabase(this.url('postgres'), options);
  }

  async start(): Promise<void> {
    const where = ['-D', join(this.#home, 'data'), '-k', this.#home, '-p', String(this.#port)];
    const settings = [
      'listen_addresses=127.0.0.1',
      'shared_buffers=16MB',
      'max_connections=300',
      'log_min_messages=panic',
    ];
    const server = spawn(
      join(this.binaries, 'postgres'),
      [...where, ...settings.flatMap((setting) => ['-c', setting])],
      {
        ...this.#account,
        cwd: this.#home,
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
    await execa(
      join(this.binaries, 'initdb'),
      ['-D', join(this.#home, 'data'), '--no-sync', '--locale=C', ...options],
      {
        ...this.#account,
        cwd: this.#home,
      },
    );
    [this.#port = 0] = await choosePorts('127.0.0.1', [undefined]);
  }
}

/**
 * An empty database, as a URL.
 *
 * @param server any database of it, as a URL
 * @param options further SQL of `CREATE DATABASE`
 */
export async function createDatabase(server: string, options = ''): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(server, `CREATE DATABASE ${name} ${options}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
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
