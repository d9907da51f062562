import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';

import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** This package's workflows, bundled. */
    workflowBundlePath: string;
    /** The workflows of `test/support/workflows/subscribers.ts`, bundled with this package's. */
    subscriberBundlePath: string;
  }
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Bundles workflows once for all workers of the tests. */
export async function setup(project: TestProject): Promise<void> {
  await provideOnce(project, 'workflowBundlePath', () => bundle('src/workflows.ts', 'workflow-bundle.js'));
  await provideOnce(project, 'subscriberBundlePath', () =>
    bundle('test/support/workflows/subscribers.ts', 'subscriber-bundle.js'),
  );
}

async function bundle(source: string, name: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: `${root}${source}`,
    // As the worker does it, so that every test of a workflow runs with what workflows share.
    preloadModules: [`${root}src/workflows/preloaded.ts`],
    logger: new DefaultLogger('ERROR'),
  });
  const folder = `${root}node_modules/.cache/temporal-polyai/`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${name}`, code);
  return `${folder}${name}`;
}
