import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { DownloadSource } from './download-source.js';
import { EXECUTABLE_SUFFIX } from './executable-file.js';
import { runCommand } from './run-command.js';
import type { ServerRelease } from './server-release.js';

const SDK_DOWNLOAD_TIMEOUT_MS = 90_000;

// In a process of its own: the SDK's download cannot be aborted, and would install the Runtime that belongs to the worker.
const DOWNLOAD_SCRIPT = `
const [, testing, method, downloadDir] = process.argv;
require(testing).TestWorkflowEnvironment[method]({ server: { executable: { type: 'cached-download', downloadDir } } })
  .then((environment) => environment.teardown())
  .catch((error) => { console.error(error.message); process.exitCode = 1; });`;

/** The SDK's official download, by way of the optional peer `@temporalio/testing`. */
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
      // A complete file counts even if the server the SDK starts from it did not come up in the SDK's five seconds.
      const failure = await runCommand(process.execPath, args, { cwd: workDir, env, timeoutMs, signal }).then(
        () => new Error('left no file behind'),
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
