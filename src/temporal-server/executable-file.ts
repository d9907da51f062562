import { access, constants, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/** What the platform adds to an executable's name. */
export const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : '';

/** Why `path` cannot be executed, or `undefined` when it can. */
export async function executionObstacle(path: string): Promise<string | undefined> {
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
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = resolve(directory, name + EXECUTABLE_SUFFIX);
    if ((await executionObstacle(path)) === undefined) return path;
  }
  return undefined;
}
