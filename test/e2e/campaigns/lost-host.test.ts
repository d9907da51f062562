import { expect, inject, it, onTestFinished } from 'vitest';

import { PostgresDatabase } from '../../../src/campaigns/database/postgres.js';
import { parseOutcomesUrl } from '../../../src/outcomes/url.js';
import { createDatabase } from '../../support/postgres-cluster.js';

it('a worker whose host is lost in the middle of a transaction holds up the others for seconds', async () => {
  const url = await createDatabase(inject('postgresUrl'));
  const open = (): PostgresDatabase => {
    const target = parseOutcomesUrl(url);
    if (target.kind !== 'postgres') throw new Error(`not of PostgreSQL: ${target.kind}`);
    const database = new PostgresDatabase(target);
    onTestFinished(() => database.close());
    return database;
  };
  const [lost, other] = [open(), open()];
  let hasLock!: () => void;
  let comeBack!: () => void;
  const locked = new Promise<void>((resolve) => (hasLock = resolve));
  const away = new Promise<void>((resolve) => (comeBack = resolve));
  const transaction = lost.exclusive(async (tx) => {
    hasLock();
    await away;
    return await tx.rows('SELECT 1 AS one');
  });
  transaction.catch(() => undefined);
  await locked;

  expect(await other.exclusive((tx) => tx.rows('SELECT 2 AS two'))).toEqual([{ two: 2 }]);

  comeBack();
  await expect(transaction).rejects.toMatchObject({ name: 'OutcomeStoreError' });
  expect(await lost.exclusive((tx) => tx.rows('SELECT 3 AS three'))).toEqual([{ three: 3 }]);
});
