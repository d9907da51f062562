import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, onTestFinished } from 'vitest';

import { openOutcomeStore, type OpenOutcomeStore, OutcomeStoreError } from '../../../src/outcomes.js';
import { createDatabase } from '../../support/postgres-cluster.js';

export interface StoreUnderTest {
  readonly name: string;
  /** A store that holds nothing and whose tables are still to be made. */
  readonly freshUrl: () => Promise<string>;
}

/** The stores that this package comes with, for the tests of one file. */
export function useStores(): readonly StoreUnderTest[] {
  let folder = '';
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temporal-polyai-outcomes-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  return [
    {
      name: 'SQLite',
      freshUrl: async () => `sqlite:${join(folder, `store-${(files += 1)}`, 'outcomes.sqlite')}`,
    },
    {
      name: 'PostgreSQL',
      freshUrl: async () => await createDatabase(inject('postgresUrl')),
    },
  ];
}

/** Opens a store until the end of the test. */
export async function open(url: string): Promise<OpenOutcomeStore> {
  const store = await openOutcomeStore(url);
  onTestFinished(() => store.close());
  return store;
}

/** The message of the `OutcomeStoreError` that `work` must end with. */
export async function messageOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OutcomeStoreError);
  return (error as OutcomeStoreError).message;
}
