import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, inject, test, vi } from 'vitest';

import { DEFAULT_SIMULATOR_TOKEN } from '../../../src/simulator.js';
import { isListening } from '../../support/is-listening.js';

const MAIN = resolve(import.meta.dirname, '../../../dist/cli/main.js');
const REAL_TOKEN = 'token-of-the-real-api';
const SECRETS = [DEFAULT_SIMULATOR_TOKEN, REAL_TOKEN, '20255501'];
const TIMEOUT_MS = 150_000;

vi.setConfig({ testTimeout: TIMEOUT_MS });

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'temporal-polyai-demo-'));
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** The built demo in a process of its own and an empty folder. */
class Demo {
  output = '';
  readonly #process;
  readonly #ended: Promise<unknown[]>;

  private constructor(
    readonly folder: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
  ) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(POLYAI|TEMPORAL)_/.test(name));
    const env = { ...Object.fromEntries(inherited), TEMPORAL_CLI_PATH: inject('temporalCliPath'), ...environment };
    this.#process = spawn(process.execPath, [MAIN, 'demo', ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#process, 'close');
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  static async start(args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<Demo> {
    return new Demo(await mkdtemp(join(root, 'cwd-')), args, environment);
  }

  async exitCode(): Promise<unknown> {
    const [code] = await this.#ended;
    return code;
  }

  /** Sends a signal; resolves, once all is over, to the time that took. */
  async end(signal: NodeJS.Signals): Promise<number> {
    const sentAt = Date.now();
    this.#process.kill(signal);
    await this.#ended;
    return Date.now() - sentAt;
  }

  async untilPrinted(text: string): Promise<void> {
    const printed = vi.waitUntil(() => this.output.includes(text), { timeout: TIMEOUT_MS, interval: 50 });
    const ended = this.#ended.then(() => {
      if (!this.output.includes(text)) throw new Error(`ended without printing "${text}":\n${this.output}`);
    });
    await Promise.race([printed, ended]);
  }

  /** Those that it has started. Empty but on Linux. */
  async processes(): Promise<string[]> {
    return await processesThatMention(this.folder);
  }

  /** Its processes, and the ports that its output names, as far as they are still there. */
  async leftovers(): Promise<string[]> {
    const ports = [...new Set([...this.output.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)))];
    const listening = await Promise.all(ports.map(isListening));
    return [...(await this.processes()), ...ports.filter((_, index) => listening[index]).map((port) => `port ${port}`)];
  }
}

/** Server and worker have their data folder among their arguments or in their environment. */
async function processesThatMention(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const texts = await Promise.all(
    pids.map(async (pid) => `${await read(pid, 'cmdline')}\0${await read(pid, 'environ')}`),
  );
  return pids.filter((_, index) => texts[index]!.includes(folder)).map((pid) => `process ${pid}`);
}

async function readFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')));
  return texts.join('\n');
}

test.concurrent(
  'five calls end as expected, the worker having been killed, and nothing is left',
  async ({ expect }) => {
    const demo = await Demo.start([], {
      POLYAI_AUTH_TOKEN: REAL_TOKEN,
      POLYAI_REGION: 'us-1',
      TEMPORAL_API_KEY: 'none',
    });

    expect(await demo.exitCode(), demo.output).toBe(0);

    const rows = demo.output.split('\n').filter((line) => line.startsWith('│ ') && /[✔✘]/.test(line));
    const outcomes = rows.map((row) =>
      row
        .split('│')
        .slice(2, 4)
        .map((cell) => cell.trim()),
    );
    expect(outcomes).toEqual([
      ['success', '✔ success'],
      ['failure', '✔ failure: busy'],
      ['success', '✔ success'],
      ['CallNotFound', '✔ CallNotFound'],
      ['success', '✔ success'],
    ]);
    expect(demo.output).toMatch(/call 1 {2}queued[^]*call 1 {2}calling[^]*call 1 {2}ended: success/);
    expect(demo.output).toMatch(/call 3 .*attempt 4, PolyAI answered 500[^]*call 3 .*attempt 5, PolyAI answered 429/);
    expect(demo.output).toMatch(/call 5 is calling: worker \d+.* was killed[^]*call 5 .*no worker[^]*call 5 {2}ended/);
    expect(demo.output).toContain('1 worker died');
    expect(demo.output).toContain('never dials');
    for (const secret of SECRETS) expect(demo.output).not.toContain(secret);
    expect(await demo.leftovers()).toEqual([]);
    expect(await readdir(demo.folder)).toEqual([]);
  },
);

test.concurrent('--campaign calls a list, dials nobody twice, and leaves nothing', async ({ expect }) => {
  const demo = await Demo.start(['--campaign']);

  expect(await demo.exitCode(), demo.output).toBe(0);

  expect(demo.output).toMatch(/http:\S+\/workflows\/call-campaign-demo-/);
  expect(demo.output).toMatch(
    /running · \d+ of 40 contacts settled[^]*completed .* 40 of 40 contacts settled \(100 %\)/,
  );
  expect(demo.output).toContain("✔ 38 numbers are in the simulator's ledger, none of them twice");
  expect(demo.output.match(/^✔/gm)).toHaveLength(3);
  expect(demo.output).toContain('contact 21 is ambiguous, and is not dialled again by itself');
  for (const secret of SECRETS) expect(demo.output).not.toContain(secret);
  expect(await demo.leftovers()).toEqual([]);
  expect(await readdir(demo.folder)).toEqual([]);
});

test.concurrent('--keep leaves all up, with no secret in any file, until Ctrl-C', async ({ expect }) => {
  const demo = await Demo.start(['--keep']);
  await demo.untilPrinted('until Ctrl-C');

  const kept = await readFolder(demo.folder);
  expect(kept).toContain('Worker state changed');
  expect(kept).toContain('SQLite format 3');
  for (const secret of SECRETS) expect(kept).not.toContain(secret);
  const links = [...demo.output.matchAll(/http\S+\/workflows\/outbound-call-OUT-\S+/g)].map(([link]) => link);
  expect(links).toHaveLength(5);
  expect((await fetch(links[0]!)).status).toBe(200);
  // Two processes, server and worker; three ports, of gRPC, the Web UI and the simulator.
  if (process.platform === 'linux') expect(await demo.leftovers()).toHaveLength(5);

  expect(await demo.end('SIGINT')).toBeLessThan(15_000);
  expect(await demo.exitCode()).toBe(0);
  expect(await demo.leftovers()).toEqual([]);
  expect(await readdir(demo.folder)).toEqual([]);
});

test.concurrent.for([
  ['bundled', 'it has no worker yet'],
  ['call 1  calling', 'its worker runs and calls are live'],
  ['was killed', 'it has lost its worker'],
] as const)(
  'Ctrl-C after "%s", when %s, ends all of it within seconds and leaves nothing',
  async ([moment], { expect }) => {
    const demo = await Demo.start();
    await demo.untilPrinted(moment);
    // The server's and the worker's.
    if (moment === 'call 1  calling' && process.platform === 'linux') expect(await demo.processes()).toHaveLength(2);

    expect(await demo.end('SIGINT')).toBeLessThan(15_000);

    expect(await demo.exitCode()).toBe(130);
    expect(demo.output).toContain('The demo was stopped: interrupted');
    expect(await demo.leftovers()).toEqual([]);
    expect(await readdir(demo.folder)).toEqual([]);
  },
);

test.concurrent('SIGKILL of the demo leaves no process behind', async ({ expect }) => {
  const demo = await Demo.start();
  await demo.untilPrinted('call 1  queued');

  await demo.end('SIGKILL');

  await vi.waitUntil(async () => (await demo.leftovers()).length === 0, { timeout: 10_000, interval: 100 });
  expect(await demo.leftovers()).toEqual([]);
});

test.concurrent('a Temporal that cannot be reached is named', async ({ expect }) => {
  const demo = await Demo.start([], { TEMPORAL_ADDRESS: '127.0.0.1:1' });

  expect(await demo.exitCode()).toBe(1);

  expect(demo.output).toContain('cannot reach Temporal at 127.0.0.1:1');
  expect(await readdir(demo.folder)).toEqual([]);
});
