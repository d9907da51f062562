import { LateStore } from './late-store.js';
import { openOutcomeStore } from './open-outcome-store.js';
import { OutcomeStoreError } from './outcome-store-error.js';
import type { OpenOutcomeStore } from './outcome-store.js';
import { parseOutcomesUrl } from './outcomes-url.js';

/**
 * Opens the store of a worker, which starts though its database is in passing trouble: calls are to be polled meanwhile.
 *
 * @param onTrouble told why it cannot be used; it is tried again whenever there is something to save
 * @returns nothing where outcomes are not kept
 * @throws OutcomeStoreError when waiting does not help; the message says what does
 */
export async function openPatiently(
  url: string,
  onTrouble: (error: OutcomeStoreError) => void,
): Promise<OpenOutcomeStore | undefined> {
  if (parseOutcomesUrl(url).kind === 'off') return undefined;
  try {
    return await openOutcomeStore(url);
  } catch (error) {
    if (!(error instanceof OutcomeStoreError) || !error.mayPass) throw error;
    onTrouble(error);
    return new LateStore(() => openOutcomeStore(url));
  }
}
