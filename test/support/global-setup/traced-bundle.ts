import type { TestProject } from 'vitest/node';

import { bundleWorkflows } from '../bundle-workflows.js';
import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** What is in `callerBundlePath`, with the interceptors of OpenTelemetry and of the plugin. */
    tracedBundlePath: string;
  }
}

export async function setup(project: TestProject): Promise<void> {
  await provideOnce(project, 'tracedBundlePath', () =>
    bundleWorkflows('test/support/workflows/callers.ts', 'traced-bundle.js', { traces: true }),
  );
}
