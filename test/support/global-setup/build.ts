import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the built package. */
    distPath: string;
  }
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Builds `dist/`, for tests that run the package in processes of its own. */
export async function setup(project: TestProject): Promise<void> {
  await provideOnce(project, 'distPath', () => {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
    return `${root}dist`;
  });
}
