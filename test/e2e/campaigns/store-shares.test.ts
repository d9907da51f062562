import { describe, expect, it } from 'vitest';

import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, numberOf, startCampaignOf } from '../../support/campaign-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const SECOND_MS = 1_000;
const FIRST = 'another campaign of the account is first';

const many = (amount: number) => Array.from({ length: amount }, (_, index) => contactOf(index));

/** All ask once a second. @returns how many calls each of them began */
async function dialFor(bench: CampaignBench, seconds: number, campaigns: readonly string[]): Promise<number[]> {
  const calls = campaigns.map(() => 0);
  for (let second = 0; second < seconds; second += 1) {
    bench.nowMs += SECOND_MS;
    // Who was told to let another one go first asks again a moment later.
    for (const _ of [1, 2]) {
      for (const [index, campaignId] of campaigns.entries()) {
        const { kind } = await bench.claim(campaignId);
        if (kind === 'claimed') calls[index]! += 1;
      }
    }
  }
  return calls;
}

describe.each(useStores())('the campaigns of an account on $name', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => {
    const bench = openBench(await freshUrl());
    for (const [campaignId, weight] of [['spring', 3] as const, ['autumn', 1] as const]) {
      await startCampaignOf(bench.store, { campaignId, contacts: many(60), rules: { weight }, callsPerSecond: 1 });
    }
    return bench;
  };

  it('share its limits by their weights, also after these were changed', async () => {
    const bench = await open();
    expect(await dialFor(bench, 16, ['autumn', 'spring'])).toEqual([4, 12]);
    const change = { kind: 'rules', rules: { weight: 3 } } as const;
    await bench.store.change({ campaignId: 'autumn', changeId: 'weight', change });
    expect(await dialFor(bench, 16, ['autumn', 'spring'])).toEqual([8, 8]);
  });

  it('leave their share to the others while they have nobody to dial, and save up nothing', async () => {
    const bench = await open();
    const rules = { weight: 100, windows: [{ days: ['mon'] as const, from: '00:00', until: '24:00' }] };
    await startCampaignOf(bench.store, { campaignId: 'closed', contacts: many(150), rules, callsPerSecond: 1 });
    expect(await dialFor(bench, 8, ['closed', 'autumn'])).toEqual([0, 8]);
    const [autumn, spring] = await dialFor(bench, 12, ['autumn', 'spring']);
    expect(autumn).toBeGreaterThanOrEqual(2);
    expect(spring).toBeGreaterThanOrEqual(8);
  });

  it('do not wait for one whose worker is lost', async () => {
    const bench = await open();
    await bench.claimed('autumn');
    expect(await bench.claim('spring')).toMatchObject({ kind: 'wait', reason: 'calls per second' });
    bench.nowMs += SECOND_MS;
    expect(await bench.claim('autumn')).toMatchObject({ kind: 'wait', reason: FIRST });
    bench.nowMs += 3 * SECOND_MS;
    await bench.claimed('autumn');
  });

  it('do not wait for one that has nobody left to dial, nor for one that is paused', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { campaignId: 'last', contacts: [contactOf(99)], callsPerSecond: 1 });
    await bench.claimed('autumn');
    expect(await bench.claim('last')).toMatchObject({ kind: 'wait' });
    expect(await bench.claim('spring')).toMatchObject({ kind: 'wait' });
    await bench.store.suppress(numberOf(99), { reason: 'opted out', source: 'agent' });
    bench.nowMs += SECOND_MS;
    expect(await bench.claim('last')).toMatchObject({ kind: 'none' });
    expect(await bench.claim('autumn')).toMatchObject({ kind: 'wait', reason: FIRST });
    await bench.store.change({ campaignId: 'spring', changeId: 'pause', change: { kind: 'pause' } });
    await bench.claimed('autumn');
  });

  it('do not wait for each other below the limits', async () => {
    const bench = await open();
    await bench.claimed('autumn');
    expect(await bench.claim('spring')).toMatchObject({ kind: 'wait' });
    bench.nowMs += SECOND_MS;
    await bench.claimed('spring');
    const limits = { callsPerSecond: 1_000 };
    await bench.store.change({ campaignId: 'spring', changeId: 'faster', change: { kind: 'limits', limits } });
    bench.nowMs += SECOND_MS;
    for (let call = 0; call < 10; call += 1) await bench.claimed('autumn');
  });
});
