import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { sdkDownload } from '../../../src/playground/downloads.js';
import { locateServerExecutable } from '../../../src/playground/executables.js';
import { SERVER_RELEASES } from '../../../src/playground/server-releases.js';
import { type DevServer, startDevServer } from '../../../src/playground/temporal-server.js';
import { isListening } from '../../support/is-listening.js';

const DEV_SERVER = new URL('../../../dist/playground/temporal-server.js', import.meta.url).href;
const CALL_STATUS = defineSearchAttributeKey('PolyAiCallStatus', 'KEYWORD');

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'temporal-server-e2e-'));
  await locateServerExecutable('dev-server');
}, 300_000);

afterAll(() => rm(root, { recursive: true, force: true }));

vi.setConfig({ testTimeout: 60_000 });

async function withClient<T>({ address, namespace }: DevServer, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

const portOf = (address: string) => Number(address.split(':').at(-1));

describe('the dev server', () => {
  it('keeps its data in its file from one start to the next', async () => {
    const options = {
      dbFilename: join(root, 'new-folder', 'kept.db'),
      namespace: 'calls',
      ui: false,
      searchAttributes: [CALL_STATUS],
    };
    const first = await startDevServer(options);
    await withClient(first, (client) =>
      client.workflow.start('nobodyRunsThis', {
        taskQueue: 'none',
        workflowId: 'kept',
        typedSearchAttributes: [{ key: CALL_STATUS, value: 'queued' }],
      }),
    );
    await first.stop();
    const second = await startDevServer(options);
    const described = await withClient(second, (client) => client.workflow.getHandle('kept').describe());
    await second.stop();
    expect(described.status.name).toBe('RUNNING');
    expect(described.typedSearchAttributes.get(CALL_STATUS)).toBe('queued');
  });

  it('serves its Web UI until it is stopped, and stopping it again is harmless', async () => {
    const server = await startDevServer();
    const page = await fetch(server.uiUrl!);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<html');
    await server.stop();
    await server.stop();
    expect(await isListening(portOf(server.address))).toBe(false);
    expect(await isListening(portOf(server.uiUrl!))).toBe(false);
  });

  it('refuses a busy port, naming it', async () => {
    const blocker = createServer();
    await once(blocker.listen(0, '127.0.0.1'), 'listening');
    const { port } = blocker.address() as AddressInfo;
    await expect(startDevServer({ port, ui: false })).rejects.toThrow(`Port ${port} on 127.0.0.1 is already in use`);
    await expect(startDevServer({ uiPort: port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is already in use`);
    await once(blocker.close(), 'close');
  });

  it('says what the server printed when it ends at start, and keeps it in the log file', async () => {
    const logFile = join(root, 'logs', 'server.log');
    const attempt = startDevServer({ ui: false, extraArgs: ['--no-such-flag'], logFile });
    await expect(attempt).rejects.toThrow(/did not start: its process ended: exit code 1\n[^]*no-such-flag/);
    expect(await readFile(logFile, 'utf8')).toContain('no-such-flag');
  });

  it('is given up, and its process ended, when it is not ready in time', async () => {
    const executablePath = join(root, 'never-ready');
    const pidFile = join(root, 'never-ready.pid');
    await writeFile(executablePath, `#!/bin/sh\necho $$ > '${pidFile}'\necho busy\nsleep 600`, { mode: 0o755 });
    const attempt = startDevServer({ executablePath, readyTimeoutMs: 500 });
    await expect(attempt).rejects.toThrow(/did not start: it did not answer within 0.5 s\nbusy/);
    const pid = Number(await readFile(pidFile, 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('says so when the executable cannot be started', async () => {
    const executablePath = join(root, 'not-a-program');
    await writeFile(executablePath, 'text', { mode: 0o644 });
    await expect(startDevServer({ executablePath })).rejects.toThrow(/did not start: its process ended: .*EACCES/);
  });
});

describe.skipIf(process.platform === 'win32')('a process that owns a dev server', () => {
  let ownerDir: string;

  beforeAll(async () => {
    ownerDir = join(root, 'owner');
    await mkdir(ownerDir);
    await symlink(resolve('node_modules'), join(ownerDir, 'node_modules'));
    await writeFile(join(ownerDir, 'package.json'), '{"type":"module"}');
  });

  /** Runs a program that starts a server; `lines` are what it prints, the first being the server's port. */
  async function startOwner(then: string) {
    const program = `import { startDevServer } from '${DEV_SERVER}';
      const server = await startDevServer({ ui: false });
      const port = server.address.split(':')[1];
      ${then}`;
    const args = ['--input-type=module', '-e', program];
    const owner = spawn(process.execPath, args, { cwd: ownerDir, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const lines = createInterface({ input: owner.stdout })[Symbol.asyncIterator]();
    const nextLine = async () => String((await lines.next()).value);
    const ended = once(owner, 'exit');
    return { owner, port: Number(await nextLine()), nextLine, ended };
  }

  const gone = (port: number) => vi.waitFor(async () => expect(await isListening(port)).toBe(false), 10_000);

  it.each([
    ['calls process.exit', 'console.log(port); process.exit(3);'],
    ['has an uncaught error', 'console.log(port); throw new Error("uncaught");'],
    ['comes to its end without stopping it', 'console.log(port);'],
  ])('takes it along when it %s', async (_, then) => {
    const { port, ended } = await startOwner(then);
    await ended;
    await gone(port);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('takes it along when %s ends it', async (signal) => {
    const { owner, port, ended } = await startOwner('console.log(port); setInterval(() => {}, 1_000);');
    expect(await isListening(port)).toBe(true);
    owner.kill(signal);
    expect(await ended).toEqual([null, signal]);
    await gone(port);
  });

  it('still has it after Ctrl-C, until it stops it', async () => {
    const { owner, port, nextLine, ended } = await startOwner(`
      process.once('SIGINT', async () => {
        console.log('shutting down');
        await new Promise((resolve) => process.once('SIGUSR2', resolve));
        await server.stop();
        clearInterval(alive);
        console.log('stopped');
      });
      const alive = setInterval(() => {}, 1_000);
      console.log(port);`);
    process.kill(-owner.pid!, 'SIGINT');
    expect(await nextLine()).toBe('shutting down');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await isListening(port)).toBe(true);
    owner.kill('SIGUSR2');
    expect(await nextLine()).toBe('stopped');
    expect(await isListening(port)).toBe(false);
    expect(await ended).toEqual([0, null]);
  });
});

describe('the executables', () => {
  it('include a test server that skips time', async () => {
    const path = await locateServerExecutable('test-server');
    const environment = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    });
    const before = await environment.currentTimeMs();
    await environment.sleep(3_600_000);
    const skippedMs = (await environment.currentTimeMs()) - before;
    await environment.teardown();
    expect(skippedMs).toBeGreaterThanOrEqual(3_600_000);
  });

  it('can come from the SDK: its file is found, and the server that the SDK starts from it is gone', async () => {
    const workDir = await mkdtemp(join(root, 'sdk-'));
    const download = sdkDownload(SERVER_RELEASES['dev-server'], process.env);
    const sdkName = download.cacheName.replace('-sdk-', '-sdk-typescript-');
    await copyFile(await locateServerExecutable('dev-server'), join(workDir, sdkName));
    const path = await download.download(workDir);
    expect(path).toBe(join(workDir, sdkName));
    // Linux lets nobody write to a program that runs.
    await (await open(path, 'r+')).close();
  });
});
