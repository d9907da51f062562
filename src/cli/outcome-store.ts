import { existsSync } from 'node:fs';

import { openOutcomeStore } from '../outcomes/open.js';
import { type OutcomeStore, OutcomeStoreError } from '../outcomes/store.js';
import { type OutcomesTarget, parseOutcomesUrl } from '../outcomes/url.js';
import { loadOutcomesUrl } from '../worker/environment.js';
import { CliError, EXIT_CODES } from './terminal.js';

/**
 * Opens the outcome store in POLYAI_OUTCOMES_URL for as long as `use` takes, without migrating it: a worker may be older.
 *
 * @throws {CliError} when there is no store, or it cannot be used
 */
export async function withOutcomeStore<T>(use: (store: OutcomeStore) => Promise<T>): Promise<T> {
  const url = loadOutcomesUrl();
  requireStore(url);
  try {
    const store = await openOutcomeStore(url, { migrate: false });
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof OutcomeStoreError)) throw error;
    throw new CliError(`${error.message} (POLYAI_OUTCOMES_URL names this store)`);
  }
}

/** @throws {CliError} when nothing is stored, or the file is not there yet */
export function requireStore(url: string): void {
  const missing = missingFile(url);
  // Opening the store would create the file, and a read in the wrong folder would look like a store without outcomes.
  if (missing === undefined) return;
  throw new CliError(
    `there is no database ${missing}: change to the worker's folder, or set POLYAI_OUTCOMES_URL as on the worker`,
  );
}

/**
 * The SQLite file that opening the store would create; `undefined` if it is there, and for PostgreSQL.
 *
 * @throws {CliError} when nothing is stored
 */
export function missingFile(url: string): string | undefined {
  const target = parseOutcomesUrl(url);
  if (target.kind === 'off') {
    throw new CliError(
      'outcomes are not stored: POLYAI_OUTCOMES_URL is "off"; set it to sqlite:FILE or postgres://…, as on the worker',
      EXIT_CODES.usage,
    );
  }
  return absentFile(target);
}

/** The SQLite file of a store that is not there; opening the store would create it. */
export function absentFile(target: OutcomesTarget): string | undefined {
  return target.kind === 'sqlite' && !existsSync(target.path) ? target.path : undefined;
}
