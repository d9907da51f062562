import type { OpenOutcomeStore } from './outcome-store.js';
import { OUTCOMES_URL_EXPECTATION, parseOutcomesUrl } from './outcomes-url.js';
import { PostgresStore } from './postgres-store.js';
import { SqliteStore } from './sqlite-store.js';

/**
 * Opens the store that a URL names, and makes or updates its tables where they need it. Once open, it gets over an outage
 * by itself: methods throw while it is away, and work again afterwards.
 *
 * @param url `sqlite:path/to/file` (relative to the working directory, or absolute; made if need be, with its folder) or
 *   `postgres://user:password@host/database`; see `parseOutcomesUrl`, which also knows `off`
 * @throws TypeError when the URL is neither
 * @throws OutcomeStoreError when the store cannot be reached or used; the message says what to do
 */
export async function openOutcomeStore(url: string): Promise<OpenOutcomeStore> {
  const target = parseOutcomesUrl(url);
  switch (target.kind) {
    case 'sqlite':
      return await SqliteStore.open(target);
    case 'postgres':
      return await PostgresStore.open(target);
    case 'off':
      throw new TypeError(`"off" names no outcome store to open: ${OUTCOMES_URL_EXPECTATION}`);
  }
}
