import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { startDevServer } from '../../../src/playground/temporal-server.js';
import { CALL_STATUS_ATTRIBUTE, READY_TIMEOUT_MS, type SharedDevServer } from '../shared-dev-server.js';
import { QUEUE_READS_ARGS } from '../queue-reads.js';
import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A dev server for all tests that need no special one. */
    sharedDevServer: SharedDevServer;
  }
}

/** More than there are files whose tests need one. An unused namespace costs 0.02 s of CPU. */
const NAMESPACES = 32;

/** Starts a dev server for all projects of a run. The first of them stops it, which is after the last test. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => void | Promise<void>)[] = [];
  await provideOnce(project, 'sharedDevServer', async () => {
    const claims = mkdtempSync(join(tmpdir(), 'temporal-polyai-namespaces-'));
    stops.push(() => rmSync(claims, { recursive: true, force: true }));
    const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `file-${index + 1}`);
    const server = await startDevServer({
      executablePath: project.getProvidedContext().temporalCliPath,
      ui: false,
      searchAttributes: [CALL_STATUS_ATTRIBUTE],
      extraArgs: [...namespaces.flatMap((namespace) => ['--namespace', namespace]), ...QUEUE_READS_ARGS],
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
    stops.push(() => server.stop());
    return { address: server.address, namespaces, claims };
  });
  return async () => {
    for (const stop of stops) await stop();
  };
}
