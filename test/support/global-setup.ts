import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';

import { locateServerExecutable } from '../../src/temporal-server/index.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The Temporal CLI, for its dev server. */
    temporalCliPath: string;
    /** The time-skipping test server. */
    temporalTestServerPath: string;
    /** This package's workflows, bundled. */
    workflowBundlePath: string;
  }
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What all test files share: the servers' executables, the built package and its workflow bundle. */
export default async function setup({ provide }: TestProject): Promise<void> {
  const onProgress = (line: string): void => console.error(line);
  provide('temporalCliPath', await locateServerExecutable('dev-server', { onProgress }));
  provide('temporalTestServerPath', await locateServerExecutable('test-server', { onProgress }));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  provide('workflowBundlePath', await bundleWorkflows());
}

async function bundleWorkflows(): Promise<string> {
  const { code } = await bundleWorkflowCode({ workflowsPath: `${root}src/workflows/index.ts`, logger: silent });
  const folder = `${root}node_modules/.cache/temporal-polyai/`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}workflow-bundle.js`, code);
  return `${folder}workflow-bundle.js`;
}

const ignore = (): void => undefined;
const silent = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: console.error };
