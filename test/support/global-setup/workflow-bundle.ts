import type { TestProject } from 'vitest/node';

import { bundleWorkflows } from '../bundle-workflows.js';
import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** This package's workflows, bundled. */
    workflowBundlePath: string;
    /** The workflows of `test/support/workflows/callers.ts`, bundled with this package's. */
    callerBundlePath: string;
  }
}

/** Bundles workflows once for all workers of the tests. */
export async function setup(project: TestProject): Promise<void> {
  await provideOnce(project, 'workflowBundlePath', () => bundleWorkflows('src/workflows.ts', 'workflow-bundle.js'));
  await provideOnce(project, 'callerBundlePath', () =>
    bundleWorkflows('test/support/workflows/callers.ts', 'caller-bundle.js'),
  );
}
