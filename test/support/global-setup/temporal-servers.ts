import type { TestProject } from 'vitest/node';

import { locateServerExecutable } from '../../../src/playground/executables.js';
import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The Temporal CLI, for its dev server. */
    temporalCliPath: string;
    /** The time-skipping test server. */
    temporalTestServerPath: string;
  }
}

const onProgress = (line: string): void => console.error(line);

/** Finds the executables of Temporal's servers, and downloads those that this machine does not have. */
export async function setup(project: TestProject): Promise<void> {
  await provideOnce(project, 'temporalCliPath', () => locateServerExecutable('dev-server', { onProgress }));
  await provideOnce(project, 'temporalTestServerPath', () => locateServerExecutable('test-server', { onProgress }));
}
