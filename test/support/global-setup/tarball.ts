import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';

import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The packed package, as `npm publish` would send it. */
    tarballPath: string;
  }
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Packs `dist/` as it is: the build comes before. */
export async function setup(project: TestProject): Promise<void> {
  await provideOnce(project, 'tarballPath', async () => {
    const folder = `${root}node_modules/.cache/temporal-polyai`;
    mkdirSync(folder, { recursive: true });
    const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await execa('npm', pack, { cwd: root });
    return `${folder}/${stdout}`;
  });
}
