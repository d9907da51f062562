import { describe, expect, it } from 'vitest';

import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, numberOf, startCampaignOf } from '../../support/campaign-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

describe.each(useStores())('what a campaign store on $name guards against', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());

  it('knows a number however it is written', async () => {
    const bench = await open();
    const { store } = bench;
    await store.create({ campaignId: 'spring' });
    const written = [
      contactOf(3),
      contactOf(3, { number: '+44 7700 900003' }),
      contactOf(4, { number: '+44 (7700) 900-004' }),
    ];
    expect(await store.addContacts('spring', written)).toEqual({ added: 2, updated: 1 });
    expect((await bench.contacts()).map(({ number }) => number)).toEqual([numberOf(3), numberOf(4)]);
    await startCampaignOf(store, { contacts: [] });
    await store.suppress('+44.7700.900003', { reason: 'opted out', source: 'agent' });
    expect(await bench.contacts()).toMatchObject([{ state: 'suppressed' }, { state: 'waiting' }]);
  });

  it('takes no number that cannot be called, says which it is, and does not show it', async () => {
    const bench = await open();
    const { store } = bench;
    await store.create({ campaignId: 'spring' });
    const number = '07700 900003';
    const remedy = 'is not an E.164 number: write + and the country code before it, as in +14155552671';
    await expect(store.addContacts('spring', [contactOf(1), contactOf(2, { number })])).rejects.toMatchObject({
      code: 'invalid-number',
      message: `contacts[1].number ${remedy}`,
    });
    expect(await bench.contacts()).toEqual([]);
    await expect(store.suppress(number, { reason: 'opted out', source: 'agent' })).rejects.toMatchObject({
      message: `the number to suppress ${remedy}`,
    });
  });
});
