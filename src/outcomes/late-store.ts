import type { CallOutcome, StoredOutcome } from '../contract/outcome.js';
import type { OpenOutcomeStore, OutcomeQuery } from './outcome-store.js';

/** A store that was away when it was wanted: it is opened when it is next used, and again until that works. */
export class LateStore implements OpenOutcomeStore {
  #opening: Promise<OpenOutcomeStore> | undefined;

  constructor(private readonly open: () => Promise<OpenOutcomeStore>) {}

  async save(outcome: CallOutcome): Promise<StoredOutcome> {
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
