import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';

import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the built package. */
    distPath: string;
  }
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Builds `dist/`, for tests that run the package in processes of its own. Types are checked by `npm run types`. */
export async function setup(project: TestProject): Promise<void> {
  await provideOnce(project, 'distPath', async () => {
    await execa('npm', ['run', '--silent', 'build', '--', '--noCheck'], { cwd: root, stdio: 'inherit' });
    return `${root}dist`;
  });
}
