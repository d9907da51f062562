import { describe, expect, it } from 'vitest';

import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, numberOf, startCampaignOf } from '../../support/campaign-samples.js';
import { succeeded } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const RESTORED = 'the database is older than what was done with it: it was restored from a copy, or replaced';

describe.each(useStores())('a campaign store on $name that is an older copy', ({ freshUrl }) => {
  /** What the copy has. Each time the same, so that another store that goes on from here is the newer original. */
  const copy = async (): Promise<CampaignBench> => {
    const bench = openBench(await freshUrl());
    await startCampaignOf(bench.store, { contacts: [contactOf(1), contactOf(2)] });
    await startCampaignOf(bench.store, { campaignId: 'autumn' });
    await bench.call('OUT-1', succeeded('OUT-1'));
    return bench;
  };
  const sequenceOf = async ({ store }: CampaignBench): Promise<number> => (await store.progress('spring')).sequence;

  it.each([
    ['a call', async (bench: CampaignBench): Promise<unknown> => await bench.call('OUT-2', succeeded('OUT-2'))],
    [
      'an opt-out',
      async ({ store }: CampaignBench) => await store.suppress(numberOf(2), { reason: 'opted out', source: 'agent' }),
    ],
    [
      'a change',
      async ({ store }: CampaignBench): Promise<unknown> =>
        await store.change({ campaignId: 'spring', changeId: 'p', change: { kind: 'pause' } }),
    ],
  ])('dials nobody after %s that it does not have, in any campaign, until a person says so', async (_what, happen) => {
    const original = await copy();
    await happen(original);
    const restored = await copy();
    const { store } = restored;
    await store.requireDatabase({ campaignId: 'spring', sequence: await sequenceOf(original) });
    for (const campaignId of ['spring', 'autumn']) {
      const claim = await store.claim({ campaignId, owner: 'a' });
      expect(claim).toEqual({ kind: 'none', reason: 'the campaign is paused' });
      expect(await store.find(campaignId)).toMatchObject({ state: 'paused', stateReason: RESTORED });
    }
    await expect(
      store.change({ campaignId: 'spring', changeId: 'r1', change: { kind: 'resume' } }),
    ).rejects.toMatchObject({ code: 'restored' });
    await store.change({ campaignId: 'spring', changeId: 'r2', change: { kind: 'resume', acceptRestored: true } });
    await restored.claimed();
    expect(await store.find('autumn')).toMatchObject({ state: 'paused', stateReason: RESTORED });
    expect(await sequenceOf(restored)).toBeGreaterThan(await sequenceOf(original));
  });

  it('checks at once what became of the calls that it takes for live', async () => {
    const bench = await copy();
    const { store } = bench;
    const { attemptId, ...claim } = await bench.claimed();
    expect(await store.beginPosting({ attemptId, ...claim })).toMatchObject({ kind: 'post' });
    await store.recordPosted({ attemptId, callSid: 'OUT-2' });
    await store.recordMonitored(attemptId);
    await store.requireDatabase({ campaignId: 'spring', sequence: (await sequenceOf(bench)) + 1 });
    expect((await store.upkeep('spring')).unchecked).toEqual([]);
    await store.change({ campaignId: 'spring', changeId: 'r', change: { kind: 'resume', acceptRestored: true } });
    expect((await store.upkeep('spring')).unchecked).toMatchObject([{ attemptId, callSid: 'OUT-2' }]);
  });

  it('stops a call that is already claimed, and takes it for one that may have been made since', async () => {
    const bench = await copy();
    const claim = await bench.claimed();
    await bench.store.requireDatabase({ campaignId: 'spring', sequence: (await sequenceOf(bench)) + 1 });
    expect(await bench.store.beginPosting(claim)).toEqual({ kind: 'refused', reason: 'the claim is no longer valid' });
    bench.nowMs += 60_000;
    await bench.store.upkeep('spring');
    const claimed = (await bench.attempts()).find(({ attemptId }) => attemptId === claim.attemptId);
    expect(claimed).toMatchObject({ state: 'ambiguous' });
  });

  it('is noticed by the store that was used before, without being told', async () => {
    const bench = await copy();
    await bench.execute('UPDATE temporal_polyai_campaign_sequence SET value = value - 1');
    expect(await bench.claim()).toEqual({ kind: 'none', reason: 'the campaign is paused' });
  });

  it('starts no campaign that was a draft or had completed, for it may have been started since', async () => {
    const bench = await copy();
    await bench.store.create({ campaignId: 'winter' });
    await bench.store.requireDatabase({ campaignId: 'spring', sequence: (await sequenceOf(bench)) + 1 });
    await startCampaignOf(bench.store, { campaignId: 'winter' });
    expect(await bench.store.find('winter')).toMatchObject({ state: 'paused', stateReason: RESTORED });
    await startCampaignOf(bench.store, { campaignId: 'new' });
    expect(await bench.store.find('new')).toMatchObject({ state: 'running' });
  });

  it('is not suspected when it has all that is known', async () => {
    const bench = await copy();
    const { campaignId, sequence, databaseId } = await bench.store.progress('spring');
    await bench.store.requireDatabase({ campaignId, sequence, databaseId });
    expect(await bench.claim()).toMatchObject({ kind: 'claimed' });
  });

  it('is told from another database, which nothing happens to', async () => {
    const elsewhere = await copy();
    await elsewhere.call('OUT-2', succeeded('OUT-2'));
    const here = await copy();
    const { campaignId, sequence, databaseId } = await elsewhere.store.progress('spring');
    await expect(here.store.requireDatabase({ campaignId, sequence, databaseId })).rejects.toMatchObject({
      code: 'other-database',
      message: expect.stringContaining(databaseId) as string,
    });
    await here.claimed();
  });
});
