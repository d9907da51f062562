import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { OutcomeRecord, StoredOutcome } from '../../src/contract/outcome.js';
import {
  openOutcomeStore,
  type OpenOutcomeStore,
  type OutcomeQuery,
  type OutcomeStore,
  type StoreRequestOptions,
} from '../../src/outcomes.js';

/** A real store in a file, which a test can have away for a while. */
export class SwitchableStore implements OutcomeStore {
  /** What `save` and `get` do: work, fail, or give no answer. */
  mode: 'there' | 'away' | 'silent' = 'there';
  readonly saves: OutcomeRecord[] = [];
  /** Of the last `save` or `get`. */
  signal: AbortSignal | undefined;

  private constructor(
    private readonly store: OpenOutcomeStore,
    private readonly folder: string,
  ) {}

  static async open(): Promise<SwitchableStore> {
    const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-outcomes-'));
    return new SwitchableStore(await openOutcomeStore(`sqlite:${join(folder, 'outcomes.sqlite')}`), folder);
  }

  async save(outcome: OutcomeRecord, { signal }: StoreRequestOptions = {}): Promise<StoredOutcome> {
    this.saves.push(outcome);
    this.signal = signal;
    await this.#passage();
    return await this.store.save(outcome);
  }

  async get(callSid: string, { signal }: StoreRequestOptions = {}): Promise<StoredOutcome | undefined> {
    this.signal = signal;
    await this.#passage();
    return await this.store.get(callSid);
  }

  list(query?: OutcomeQuery): AsyncIterable<StoredOutcome> {
    return this.store.list(query);
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #passage(): Promise<void> {
    if (this.mode === 'away') throw new Error('the store is away');
    if (this.mode === 'silent') await new Promise(() => undefined);
  }
}
