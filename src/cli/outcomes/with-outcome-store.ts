import { existsSync } from 'node:fs';

import { openOutcomeStore } from '../../outcomes/open.js';
import type { OutcomeStore } from '../../outcomes/store.js';
import { parseOutcomesUrl } from '../../outcomes/url.js';
import { loadOutcomesUrl } from '../../worker/config.js';
import { CliError } from '../cli-error.js';
import { EXIT_CODES } from '../exit-codes.js';

/** Opens the outcome store of the environment for as long as `use` takes. */
export async function withOutcomeStore<T>(use: (store: OutcomeStore) => Promise<T>): Promise<T> {
  const url = loadOutcomesUrl();
  refuseWhatKeepsNothing(url);
  const store = await openOutcomeStore(url);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

function refuseWhatKeepsNothing(url: string): void {
  const target = parseOutcomesUrl(url);
  if (target.kind === 'off') {
    throw new CliError('outcomes are not kept: POLYAI_OUTCOMES_URL is "off"', EXIT_CODES.usage);
  }
  // To open it would make it, and a question in the wrong folder should not look like one that has no answer.
  if (target.kind === 'sqlite' && !existsSync(target.path)) {
    throw new CliError(
      `no outcomes are kept in ${target.path} so far: go to the worker's folder, or set POLYAI_OUTCOMES_URL as the worker has it`,
    );
  }
}
