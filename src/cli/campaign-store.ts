import { openCampaignStore } from '../campaigns/open.js';
import { CampaignError } from '../campaigns/errors.js';
import type { OpenCampaignStore } from '../campaigns/store.js';
import { OutcomeStoreError } from '../outcomes/store.js';
import { printError } from '../platform/printing.js';
import { loadOutcomesUrl } from '../worker/environment.js';
import { missingFile, requireStore } from './outcome-store.js';
import { CliError } from './terminal.js';

interface StoreOptions {
  /** Whether a SQLite file that is not there is created, which stderr then says. */
  readonly mayCreate?: boolean;
}

/**
 * Opens the campaign store, which is in the database of the outcomes in POLYAI_OUTCOMES_URL, for as long as `use` takes.
 *
 * @throws {CliError} when there is no store, it cannot be used, or a campaign does not allow what is asked
 */
export async function withCampaignStore<T>(
  use: (store: OpenCampaignStore) => Promise<T>,
  { mayCreate = false }: StoreOptions = {},
): Promise<T> {
  const url = loadOutcomesUrl();
  const created = mayCreate ? missingFile(url) : undefined;
  if (!mayCreate) requireStore(url);
  const store = openCampaignStore(url);
  try {
    if (created !== undefined) await announce(created, store);
    return await use(store);
  } catch (error) {
    if (error instanceof CampaignError) throw new CliError(error.message);
    if (!(error instanceof OutcomeStoreError)) throw error;
    throw new CliError(`${error.message} (POLYAI_OUTCOMES_URL names this store)`);
  } finally {
    await store.close();
  }
}

/** In a wrong folder, or with a mistyped URL, nothing else would show that no worker reads this file. */
async function announce(file: string, store: OpenCampaignStore): Promise<void> {
  // Creates it.
  await store.list();
  printError(
    `created a new database: ${file}; start the worker in this folder, or set POLYAI_OUTCOMES_URL as on the worker`,
  );
}
