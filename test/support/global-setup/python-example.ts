import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

import { createPythonEnvironment } from '../python-environment.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The `bin` folder of a virtual environment that has what `examples/python` needs. */
    pythonBinPath: string;
  }
}

const requirements = fileURLToPath(new URL('../../../examples/python/requirements.txt', import.meta.url));

export async function setup(project: TestProject): Promise<void> {
  project.provide('pythonBinPath', await createPythonEnvironment(requirements));
}
