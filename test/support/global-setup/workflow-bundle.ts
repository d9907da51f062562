import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';

import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** This package's workflows, bundled. */
    workflowBundlePath: string;
  }
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Bundles the workflows once for all workers of the tests. */
export async function setup(project: TestProject): Promise<void> {
  await provideOnce(project, 'workflowBundlePath', async () => {
    const workflowsPath = `${root}src/workflows.ts`;
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    const folder = `${root}node_modules/.cache/temporal-polyai/`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}workflow-bundle.js`, code);
    return `${folder}workflow-bundle.js`;
  });
}
