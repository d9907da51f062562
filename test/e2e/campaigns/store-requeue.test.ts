import { describe, expect, it } from 'vitest';

import type { CampaignChange } from '../../../src/contract/campaign.js';
import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, startCampaignOf } from '../../support/campaign-samples.js';
import { failed } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const many = (amount: number) => Array.from({ length: amount }, (_, index) => contactOf(index));

describe.each(useStores())('a change of many contacts on $name', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());
  const change = async ({ store }: CampaignBench, wanted: CampaignChange): Promise<unknown> =>
    await store.change({ campaignId: 'spring', changeId: `change-${Math.random()}`, change: wanted });
  const upkeepUntilDone = async ({ store }: CampaignBench): Promise<number> => {
    for (let upkeeps = 1; ; upkeeps += 1) {
      if (!(await store.upkeep('spring')).isRequeueing) return upkeeps;
    }
  };

  it('is made in several transactions: rules', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(1_200).map((contact) => ({ ...contact, consent: '' })) });
    for (let claims = 0; claims < 12; claims += 1) expect(await bench.claim()).not.toMatchObject({ kind: 'claimed' });
    expect(await bench.store.progress('spring')).toMatchObject({ contacts: { blocked: 1_200 } });
    await change(bench, { kind: 'rules', rules: { requireConsent: false } });
    expect(await bench.store.progress('spring')).toMatchObject({ contacts: { blocked: 700, waiting: 500 } });
    // What is already judged anew is dialled meanwhile, and what is not does not end the campaign.
    await bench.claimed();
    expect(await upkeepUntilDone(bench)).toBe(2);
    expect(await bench.store.progress('spring')).toMatchObject({
      state: 'running',
      contacts: { blocked: 0, waiting: 1_199, dialling: 1 },
    });
  });

  it('is made in several transactions: failed contacts that are dialled again', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(1_200), rules: { maxAttempts: 1 } });
    await bench.execute(
      `UPDATE temporal_polyai_contacts SET state = 'failed', reason = 'busy; no attempt is left', settled_at = ${bench.nowMs}`,
    );
    await change(bench, { kind: 'retryFailed' });
    expect(await bench.store.progress('spring')).toMatchObject({ contacts: { failed: 700, waiting: 500 } });
    // What fails only now is not meant.
    bench.nowMs += 1_000;
    await bench.execute(
      `UPDATE temporal_polyai_contacts SET settled_at = ${bench.nowMs} WHERE state = 'failed' AND contact_id = (
         SELECT MAX(contact_id) FROM temporal_polyai_contacts WHERE state = 'failed')`,
    );
    expect(await upkeepUntilDone(bench)).toBe(3);
    expect(await bench.store.progress('spring')).toMatchObject({ contacts: { failed: 1, waiting: 1_199 } });
  });

  it('dials failed contacts again by how their last call ended, with all attempts of the rules', async () => {
    const bench = await open();
    const rules = { maxAttempts: 2, retryAfter: { busy: '1m', rejected: '1m' } } as const;
    await startCampaignOf(bench.store, { contacts: many(2), rules });
    for (let call = 1; call <= 2; call += 1) {
      await bench.call(`OUT-${call}a`, failed(`OUT-${call}a`, 'busy'));
      await bench.call(`OUT-${call}b`, failed(`OUT-${call}b`, 'call was declined'));
      bench.nowMs += 3_600_000;
    }
    expect(await bench.store.progress('spring')).toMatchObject({ state: 'completed', contacts: { failed: 2 } });
    await change(bench, { kind: 'start' });
    await expect(
      change(bench, { kind: 'retryFailed', dispositions: ["busy'"] } as unknown as CampaignChange),
    ).rejects.toThrow('dispositions must be a list of some of no-answer, busy');
    await change(bench, { kind: 'retryFailed', dispositions: ['busy'] });
    expect(await bench.store.progress('spring')).toMatchObject({ contacts: { failed: 1, waiting: 1 } });
    const first = await bench.call('OUT-3', failed('OUT-3', 'busy'));
    expect(first.attempt).toBe(3);
    bench.nowMs += 3_600_000;
    const second = await bench.call('OUT-4', failed('OUT-4', 'busy'));
    expect([second.contactId, second.attempt]).toEqual([first.contactId, 4]);
    expect(await bench.store.progress('spring')).toMatchObject({ state: 'completed', contacts: { failed: 2 } });
  });
});
