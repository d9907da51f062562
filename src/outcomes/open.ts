import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';
import { PostgresStore } from './postgres.js';
import { SqliteStore } from './sqlite.js';
import { type OpenOutcomeStore, type OpenOutcomeStoreOptions, type OutcomeQuery, OutcomeStoreError } from './store.js';
import { OUTCOMES_URL_EXPECTATION, parseOutcomesUrl } from './url.js';

/**
 * Opens the store at a URL, and creates or updates its tables unless `migrate` is false. An open store reconnects by itself: its methods throw during
 * an outage and work again after it.
 *
 * @param url `sqlite:path/to/file` (absolute, or relative to the working directory; file and folder are created if
 *   missing) or `postgres://user:password@host/database`; see `parseOutcomesUrl`, which also accepts `off`
 * @throws TypeError when the URL is neither
 * @throws OutcomeStoreError when the store cannot be reached or used; the message gives the remedy
 */
export async function openOutcomeStore(url: string, options: OpenOutcomeStoreOptions = {}): Promise<OpenOutcomeStore> {
  const target = parseOutcomesUrl(url);
  switch (target.kind) {
    case 'sqlite':
      return await SqliteStore.open({ ...target, ...options });
    case 'postgres':
      return await PostgresStore.open(target, options);
    case 'off':
      throw new TypeError(`"off" is not an outcome store that can be opened: ${OUTCOMES_URL_EXPECTATION}`);
  }
}

/**
 * Opens a worker's store. If the store is temporarily unavailable the worker starts all the same, because calls must be
 * polled: the store is opened again at each use until that succeeds.
 *
 * @param onUnavailable called with the reason when the store is not available yet
 * @returns `undefined` for the URL `off`
 * @throws OutcomeStoreError when retrying cannot help; the message gives the remedy
 */
export async function openReconnecting(
  url: string,
  onUnavailable: (error: OutcomeStoreError) => void,
): Promise<OpenOutcomeStore | undefined> {
  if (parseOutcomesUrl(url).kind === 'off') return undefined;
  try {
    return await openOutcomeStore(url);
  } catch (error) {
    if (!(error instanceof OutcomeStoreError) || !error.isTransient) throw error;
    onUnavailable(error);
    return new ReconnectingStore(() => openOutcomeStore(url));
  }
}

/** A store that could not be opened yet. Each use tries to open it until that succeeds. */
class ReconnectingStore implements OpenOutcomeStore {
  #opening: Promise<OpenOutcomeStore> | undefined;

  constructor(private readonly open: () => Promise<OpenOutcomeStore>) {}

  async save(outcome: OutcomeRecord): Promise<StoredOutcome> {
    return await (await this.#opened()).save(outcome);
  }

  async get(callSid: string): Promise<StoredOutcome | undefined> {
    return await (await this.#opened()).get(callSid);
  }

  async *list(query?: OutcomeQuery): AsyncGenerator<StoredOutcome, void> {
    yield* (await this.#opened()).list(query);
  }

  async check(): Promise<void> {
    await (await this.#opened()).check();
  }

  async close(): Promise<void> {
    const store = await this.#opening?.catch(() => undefined);
    await store?.close();
  }

  async #opened(): Promise<OpenOutcomeStore> {
    this.#opening ??= this.open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return await this.#opening;
  }
}
