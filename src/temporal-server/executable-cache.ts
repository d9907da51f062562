import { chmod, mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { executionObstacle } from './executable-file.js';

/** Where downloaded servers are kept: `$XDG_CACHE_HOME/temporal-polyai`, by default `~/.cache/temporal-polyai`. */
export function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'temporal-polyai');
}

/** The cached executable of that name, if there is one. */
export async function findInCache(cacheDir: string, name: string): Promise<string | undefined> {
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
