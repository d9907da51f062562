import { describe, expect, it } from 'vitest';

import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { startCampaignOf } from '../../support/campaign-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const MINUTE_MS = 60_000;

describe.each(useStores())('a campaign store on $name and a call that may be under way', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());
  const retryAmbiguous = async ({ store }: CampaignBench): Promise<unknown> =>
    await store.change({ campaignId: 'spring', changeId: 'again', change: { kind: 'retryAmbiguous' } });

  it('calls a number for one campaign at a time', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    await startCampaignOf(bench.store, { campaignId: 'autumn', account: 'care' });
    const claim = await bench.claimed('spring');
    const expectWait = async (): Promise<void> => {
      expect(await bench.claim('autumn')).toMatchObject({ kind: 'wait', waitMs: expect.closeTo(60_000, -2) as number });
      expect(await bench.contacts('autumn')).toMatchObject([
        { state: 'waiting', reason: 'the number is being called' },
      ]);
      bench.nowMs += 60_000;
    };
    await bench.store.beginPosting(claim);
    await expectWait();
    await bench.store.recordPosted({ attemptId: claim.attemptId, callSid: 'OUT-1' });
    await expectWait();
    await bench.store.recordEnded({ attemptId: claim.attemptId, status: 'success', reason: '' });
    await bench.claimed('autumn');
  });

  it('calls no number within ten minutes of a request that may have dialled it', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    await startCampaignOf(bench.store, { campaignId: 'autumn' });
    const claim = await bench.claimed('spring');
    await bench.store.beginPosting(claim);
    const dialledAtMs = bench.nowMs;
    await bench.store.recordAmbiguous({ ...claim, reason: 'timeout' });
    await retryAmbiguous(bench);
    bench.nowMs = dialledAtMs + 9 * MINUTE_MS;
    for (const campaignId of ['spring', 'autumn']) {
      expect(await bench.claim(campaignId)).toMatchObject({ kind: 'wait' });
      const waiting = { state: 'waiting', reason: 'the number is being called' };
      expect(await bench.contacts(campaignId)).toMatchObject([waiting]);
    }
    bench.nowMs = dialledAtMs + 11 * MINUTE_MS;
    await bench.claimed('autumn');
  });

  it('does not dial when a call to the number is found between claim and request', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    await startCampaignOf(bench.store, { campaignId: 'autumn' });
    const claim = await bench.claimed('spring');
    const [contact] = await bench.contacts('autumn');
    const at = new Date(bench.nowMs).toISOString();
    await bench.store.change({ campaignId: 'autumn', changeId: 'pause', change: { kind: 'pause' } });
    await bench.store.reconcile('autumn', [{ attemptId: 'a', contactId: contact!.contactId, at, callSid: 'OUT-1' }]);
    const refused = { kind: 'refused', reason: 'the number is being called' };
    expect(await bench.store.beginPosting(claim)).toEqual(refused);
  });

  it('does not call a contact again whose ambiguous call turns out to be live', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const claim = await bench.claimed();
    await bench.store.beginPosting(claim);
    await bench.store.recordAmbiguous({ ...claim, reason: 'timeout' });
    await retryAmbiguous(bench);
    await bench.store.recordPosted({ attemptId: claim.attemptId, callSid: 'OUT-late' });
    expect(await bench.claim()).toEqual({ kind: 'none', reason: 'no contact is waiting' });
    await bench.store.recordEnded({ attemptId: claim.attemptId, status: 'success', reason: '' });
    expect(await bench.contacts()).toMatchObject([{ state: 'done' }]);
  });

  it('does not call a contact during a call that turns out to be live after the next attempt was not sent', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const first = await bench.claimed();
    await bench.store.beginPosting(first);
    await bench.store.recordAmbiguous({ ...first, reason: 'timeout' });
    await retryAmbiguous(bench);
    bench.nowMs += 10 * MINUTE_MS;
    const second = await bench.claimed();
    await bench.store.beginPosting(second);
    await bench.store.recordNotSent({ ...second, reason: '429', then: 'again' });
    await bench.store.recordPosted({ attemptId: first.attemptId, callSid: 'OUT-late' });
    expect(await bench.contacts()).toMatchObject([{ state: 'dialling' }]);
  });

  it('lets the call SID of an earlier attempt that comes late change nothing about the contact', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const ambiguous = async () => {
      const claim = await bench.claimed();
      await bench.store.beginPosting(claim);
      await bench.store.recordAmbiguous({ ...claim, reason: 'timeout' });
      return claim;
    };
    const first = await ambiguous();
    await retryAmbiguous(bench);
    bench.nowMs += 10 * MINUTE_MS;
    await ambiguous();
    await bench.store.recordPosted({ attemptId: first.attemptId, callSid: 'OUT-late' });
    expect(await bench.contacts()).toMatchObject([{ state: 'ambiguous' }]);
    await bench.store.recordEnded({ attemptId: first.attemptId, status: 'success', reason: '' });
    expect(await bench.contacts()).toMatchObject([{ state: 'ambiguous' }]);
    expect(await bench.store.upkeep('spring')).toMatchObject({ state: 'completed', underWay: 0 });
  });
});
