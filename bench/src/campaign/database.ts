import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../shapes/postgres.js';

export interface Database {
  readonly name: string;
  readonly url: string;
}

/** A database of its own, `sqlite` or `postgres`, for as long as `use` takes. */
export async function withDatabase<T>(kind: string, use: (database: Database) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-campaigns-'));
  try {
    if (kind === 'sqlite') return await use({ name: 'SQLite', url: `sqlite:${join(folder, 'bench.sqlite')}` });
    const postgres = await startPostgres(folder);
    try {
      return await use({ name: 'PostgreSQL', url: postgres.url.replace(/bench$/, 'postgres') });
    } finally {
      await postgres.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
