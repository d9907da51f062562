import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';
import { PostgresStore } from './postgres.js';
import { SqliteStore } from './sqlite.js';
import { type OpenOutcomeStore, type OutcomeQuery, OutcomeStoreError } from './store.js';
import { OUTCOMES_URL_EXPECTATION, parseOutcomesUrl } from './url.js';

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

/** A store that was away when it was wanted: it is opened when it is next used, and again until that works. */
class LateStore implements OpenOutcomeStore {
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
