import { describe, expect, it } from 'vitest';

import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, numberOf, startCampaignOf } from '../../support/campaign-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const WHY = { reason: 'letter', source: 'mail' };

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => numberOf(index));
}

describe.each(useStores())('a suppression list on $name', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());

  const suppressed = async ({ store }: CampaignBench) => {
    const listed = [];
    for await (const suppression of store.suppressions()) listed.push(suppression);
    return listed;
  };

  it('is written 500 numbers at a time, each number once, and keeps what it has', async () => {
    const bench = await open();
    const { store } = bench;
    await startCampaignOf(store, { contacts: [contactOf(1), contactOf(1_300)] });
    await startCampaignOf(store, { campaignId: 'summer', contacts: [contactOf(1), contactOf(1_199)] });
    await store.suppress(numberOf(3), { reason: 'opted out', source: 'agent' });
    const { sequence: before } = await store.progress('spring');

    await store.suppress([...numbers(1_200), numberOf(1)], WHY);

    expect((await store.progress('spring')).sequence - before).toBe(3);
    const listed = await suppressed(bench);
    expect(listed.map(({ number }) => number)).toEqual(numbers(1_200));
    expect(listed.find(({ number }) => number === numberOf(2))).toMatchObject(WHY);
    expect(listed.find(({ number }) => number === numberOf(3))).toMatchObject({ source: 'agent' });
    expect((await bench.contacts()).map(({ state }) => state)).toEqual(['suppressed', 'waiting']);
    expect((await bench.contacts('summer')).map(({ state }) => state)).toEqual(['suppressed', 'suppressed']);

    await store.suppress(numbers(1_201), WHY);
    expect(await suppressed(bench)).toHaveLength(1_201);
  });

  it('brings back no number that was erased', async () => {
    const bench = await open();
    await bench.store.suppress(numbers(3), WHY);
    await bench.store.erase({ number: numberOf(1) });
    await bench.store.suppress(numbers(3), WHY);
    expect((await suppressed(bench)).map(({ number }) => number)).toEqual([numberOf(0), numberOf(2), undefined]);
  });

  it('names the number that cannot be called, and suppresses none', async () => {
    const bench = await open();
    const list = [...numbers(600), '07700 900003'];
    await expect(bench.store.suppress(list, WHY)).rejects.toMatchObject({
      code: 'invalid-number',
      message: expect.stringMatching(/^numbers\[600\] is not an E\.164 number/) as string,
    });
    expect(await suppressed(bench)).toEqual([]);
  });
});
