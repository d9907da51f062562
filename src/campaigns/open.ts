import { OUTCOMES_URL_EXPECTATION, parseOutcomesUrl } from '../outcomes/url.js';
import { PostgresDatabase } from './database/postgres.js';
import { SqliteDatabase } from './database/sqlite.js';
import { SqlCampaignStore, type SqlCampaignStoreOptions } from './sql-store.js';
import type { OpenCampaignStore } from './store.js';

/**
 * The campaign store at a URL, beside the outcomes. It connects, and creates or updates its tables, at its first use, and
 * reconnects by itself: its methods throw during an outage and work again after it.
 *
 * @param url as for `openOutcomeStore`
 * @throws TypeError when the URL is neither of SQLite nor of PostgreSQL
 */
export function openCampaignStore(url: string, options?: SqlCampaignStoreOptions): OpenCampaignStore {
  const target = parseOutcomesUrl(url);
  switch (target.kind) {
    case 'sqlite':
      return new SqlCampaignStore(new SqliteDatabase(target), options);
    case 'postgres':
      return new SqlCampaignStore(new PostgresDatabase(target), options);
    case 'off':
      throw new TypeError(`campaigns need a database, not "off": ${OUTCOMES_URL_EXPECTATION}`);
  }
}
