import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { choosePorts } from '../../../src/playground/ports.js';
import { CLI_PATH, type CliProcess, runCli, startCli } from '../../support/cli-process.js';
import { eventually } from '../../support/dev-server-rig.js';
import { isListening } from '../../support/is-listening.js';

const ANY_PORTS = ['--port', '0', '--ui-port', '0', '--simulator-port', '0'];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-dev-'));
  const { code, stdout, stderr } = await runCli(['bundle', '--out', 'build/bundle.js'], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('POLYAI_WORKFLOW_BUNDLE=build/bundle.js');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function startDev(): Promise<CliProcess> {
  const env = { TEMPORAL_CLI_PATH: inject('temporalCliPath'), POLYAI_WORKFLOW_BUNDLE: 'build/bundle.js' };
  const dev = startCli(['dev', ...ANY_PORTS], { cwd: folder, env });
  await dev.prints('Ctrl-C ends everything');
  return dev;
}

/** Runs the line of the banner that begins like this, as if it were pasted. */
function paste(dev: CliProcess, pattern: RegExp, change = (line: string): string => line): string {
  const line = change(pattern.exec(dev.stdout)?.[0] ?? '');
  const command = line.replace('npx temporal-polyai', `"${process.execPath}" "${CLI_PATH}"`);
  return execaSync('sh', ['-c', command]).stdout;
}

/** Triggers a call that is queued until the simulator ends, so that no machine is too slow to break its monitor off. */
function triggerCall(dev: CliProcess): string {
  const metadata = { simulator_script: JSON.stringify({ queuedMs: 3_600_000 }) };
  const answer = paste(dev, /curl .*/, (line) => line.replace(/}'$/, `,"metadata":${JSON.stringify(metadata)}}'`));
  return (JSON.parse(answer) as { call_sid: string }).call_sid;
}

function addressAfter(dev: CliProcess, label: string): string {
  return new RegExp(`${label}([\\w.:]+)`).exec(dev.stdout)?.[1] ?? '';
}

const isServed = (url: string): Promise<boolean> => isListening(Number(new URL(url).port));

/** A zombie that nobody waits for, as in a container without an init, has ended. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('temporal-polyai dev', () => {
  it('goes on at its next start with what Ctrl-C broke off, and leaves nothing running', async () => {
    const first = await startDev();
    const callSid = triggerCall(first);
    const environment = { TEMPORAL_ADDRESS: addressAfter(first, 'Temporal   ') };
    const monitor = startCli(['monitor', callSid], { env: environment });
    await monitor.prints(`${callSid}: queued`);
    await monitor.end('SIGINT');
    const urls = first.stdout.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    expect(await Promise.all(urls.map(isServed))).toEqual(urls.map(() => true));

    expect(await first.end('SIGINT')).toBe(0);
    expect(await Promise.all(urls.map(isServed))).toEqual(urls.map(() => false));
    expect(await readdir(join(folder, '.temporal-polyai'))).toContain('dev.db');

    const second = await startDev();
    const monitored = paste(second, /TEMPORAL_ADDRESS=.*/, (line) => line.replace('OUT-…', callSid));
    expect(monitored).toContain(`${callSid}: success`);
    expect(await second.end('SIGINT')).toBe(0);
    expect(second.stderr).toBe('\nstopping (Ctrl-C again: at once)\n');
  });

  it('ends at once, with exit code 130, on a second Ctrl-C, and leaves no server behind', async () => {
    const dev = await startDev();
    const [temporal = '', api = ''] = ['Temporal   ', 'Simulator  http://'].map((label) => addressAfter(dev, label));
    const metadata = { simulator_script: JSON.stringify({ faults: [{ kind: 'hang' }] }) };
    const triggered = await fetch(`http://${api}/v1/outbound-calling`, {
      method: 'POST',
      headers: { 'X-PolyAi-Auth-Token': 'simulator-token' },
      body: JSON.stringify({ to_number: '+12025550123', metadata }),
    });
    const { call_sid: callSid } = (await triggered.json()) as { call_sid: string };
    const monitor = startCli(['monitor', callSid], { env: { TEMPORAL_ADDRESS: temporal } });
    await monitor.prints('not observed yet');
    await monitor.end('SIGINT');
    dev.signal('SIGINT');
    await dev.prints('stopping');
    await delay(1_000);
    expect(await dev.end('SIGINT')).toBe(130);
    await eventually('the end of the server', async () => ((await isServed(`http://${temporal}`)) ? undefined : true));
  });

  it('says nothing of a worker, and ends with 130, when Ctrl-C comes while the worker starts', async () => {
    const [port] = await choosePorts('127.0.0.1', [undefined]);
    const ports = ['--port', '0', '--ui-port', '0', '--simulator-port', String(port)];
    // Without a bundle it takes seconds to start.
    const dev = startCli(['dev', ...ports], { cwd: folder, env: { TEMPORAL_CLI_PATH: inject('temporalCliPath') } });
    await eventually('the simulator', async () => (await isListening(Number(port))) || undefined);
    expect(await dev.end('SIGINT')).toBe(130);
    expect(dev.stdout).toBe('');
  });

  it.runIf(process.platform === 'linux' && process.arch === 'x64').each(['SIGINT', 'SIGTERM'] as const)(
    'ends a download at %s, with exit code 130, and leaves nothing of it',
    async (signal) => {
      const home = await mkdtemp(join(folder, 'home-'));
      const pidFile = join(home, 'pid');
      const bin = join(home, 'bin');
      await mkdir(bin);
      // Its child, as of a pip that builds or downloads in one, would outlive it.
      const script = `#!/bin/sh\nsleep 60 & echo $! > '${pidFile}'; wait\n`;
      await writeFile(join(bin, 'python3'), script, { mode: 0o755 });
      const env = {
        ...{ HOME: home, XDG_CACHE_HOME: join(home, 'cache'), PATH: `${bin}:/usr/bin:/bin` },
        // The SDK's own download fails at once.
        ...{ HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '' },
      };
      const dev = startCli(['dev', ...ANY_PORTS], { cwd: home, env });
      const pid = await eventually('the download', () =>
        existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) || undefined : undefined,
      );
      expect(await dev.end(signal)).toBe(130);
      await eventually('the end of the download', () => (isAlive(pid) ? undefined : true));
      expect(await readdir(join(home, 'cache', 'temporal-polyai'))).toEqual([]);
    },
  );

  it('takes the Temporal in TEMPORAL_ADDRESS and the API that the environment names', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1', POLYAI_AUTH_TOKEN: 'secret-token', POLYAI_REGION: 'uk-1' };
    const { code, stdout, stderr } = await runCli(['dev', ...ANY_PORTS], { env, cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain('cannot reach Temporal at 127.0.0.1:1');
    expect(stdout + stderr).not.toContain('secret-token');
  });
});
