import { describe, expect, it } from 'vitest';

import type { AttemptOutsideDatabase } from '../../../src/contract/reconciliation.js';
import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, startCampaignOf } from '../../support/campaign-samples.js';
import { succeeded } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const HOUR_MS = 3_600_000;

describe.each(useStores())('a campaign that is reconciled, in a store on $name', ({ freshUrl }) => {
  const open = async (given: Parameters<typeof startCampaignOf>[1] = {}): Promise<CampaignBench> => {
    const bench = openBench(await freshUrl());
    await startCampaignOf(bench.store, given);
    return bench;
  };
  let changes = 0;
  const change = async ({ store }: CampaignBench, kind: 'pause' | 'resume') =>
    await store.change({ campaignId: 'spring', changeId: `${kind}-${(changes += 1)}`, change: { kind } });
  const outside = async (
    bench: CampaignBench,
    given: Partial<AttemptOutsideDatabase> = {},
  ): Promise<AttemptOutsideDatabase> => {
    const [contact] = await bench.contacts();
    const at = new Date(bench.nowMs - HOUR_MS).toISOString();
    return { attemptId: 'attempt-1', contactId: contact!.contactId, at, callSid: 'OUT-1', ...given };
  };

  it('gets a call that it does not have as one under way, and goes on by its outcome', async () => {
    const bench = await open({ rules: { retryAfter: { busy: '30m' } } });
    await change(bench, 'pause');
    const call = await outside(bench);
    expect(await bench.store.reconcile('spring', [call])).toEqual({ recorded: 1, withoutContact: [] });
    const [{ rulesVersion, epoch }] = [(await bench.store.find('spring'))!];
    expect(await bench.attempts()).toMatchObject([
      { ...{ attemptId: 'attempt-1', attempt: 1, state: 'posted', callSid: 'OUT-1' }, rulesVersion, epoch },
      // By the time of the call: so the caps count it.
    ]);
    expect((await bench.attempts())[0]).toMatchObject({ postingAt: call.at, postedAt: call.at });
    await change(bench, 'resume');
    expect(await bench.claim()).toMatchObject({ kind: 'none' });
    expect((await bench.store.upkeep('spring')).unchecked).toMatchObject([
      { attemptId: 'attempt-1', callSid: 'OUT-1' },
    ]);

    await bench.store.recordEnded({ attemptId: 'attempt-1', status: 'failure', reason: 'busy' });
    bench.nowMs += HOUR_MS;
    expect(await bench.claimed()).toMatchObject({ attempt: 2 });
  });

  it('gets an ambiguous attempt as such, and does not dial its contact', async () => {
    const bench = await open();
    await change(bench, 'pause');
    const attempt = await outside(bench, { callSid: undefined, reason: 'timeout' });
    expect(await bench.store.reconcile('spring', [attempt])).toMatchObject({ recorded: 1 });
    await change(bench, 'resume');
    expect(await bench.claim()).toMatchObject({ kind: 'none' });
    expect(await bench.contacts()).toMatchObject([{ state: 'ambiguous', reason: 'timeout' }]);
    expect(await bench.attempts()).toMatchObject([{ state: 'ambiguous', reason: 'timeout', endedAt: attempt.at }]);
  });

  it('numbers attempts by their time, and the latest decides about the contact', async () => {
    const bench = await open();
    await change(bench, 'pause');
    const later = await outside(bench, { attemptId: 'attempt-2', callSid: 'OUT-2' });
    const earlier = await outside(bench, { at: new Date(bench.nowMs - 2 * HOUR_MS).toISOString() });
    expect(await bench.store.reconcile('spring', [later, earlier])).toMatchObject({ recorded: 2 });
    await bench.store.recordEnded({ attemptId: 'attempt-2', status: 'success', reason: '' });
    await bench.store.recordEnded({ attemptId: 'attempt-1', status: 'failure', reason: 'busy' });
    const attempts = (await bench.attempts()).map(({ attemptId, attempt }) => [attemptId, attempt]);
    expect(attempts).toEqual([
      ['attempt-1', 1],
      ['attempt-2', 2],
    ]);
    expect(await bench.contacts()).toMatchObject([{ state: 'done' }]);
  });

  it.each([
    ['was claimed', async () => Promise.resolve()],
    [
      'was not sent',
      async ({ store }: CampaignBench, claim: { attemptId: string; owner: string }) => {
        await store.beginPosting(claim);
        await store.recordNotSent({ ...claim, reason: '429', then: 'again' });
      },
    ],
    [
      'was being requested',
      async ({ store }: CampaignBench, claim: { attemptId: string; owner: string }) => {
        await store.beginPosting(claim);
      },
    ],
    [
      'was ambiguous',
      async ({ store }: CampaignBench, claim: { attemptId: string; owner: string }) => {
        await store.beginPosting(claim);
        await store.recordAmbiguous({ ...claim, reason: 'timeout' });
      },
    ],
  ])('gets the call of an attempt that %s when the copy was made', async (_what, happen) => {
    const bench = await open();
    const claim = await bench.claimed();
    await happen(bench, claim);
    await change(bench, 'pause');
    const call = await outside(bench, { attemptId: claim.attemptId });
    expect(await bench.store.reconcile('spring', [call])).toMatchObject({ recorded: 1 });
    expect(await bench.store.reconcile('spring', [call])).toMatchObject({ recorded: 0 });
    await change(bench, 'resume');
    bench.nowMs += HOUR_MS;
    expect(await bench.claim()).toMatchObject({ kind: 'none' });
    expect(await bench.attempts()).toMatchObject([{ attempt: 1, state: 'posted', callSid: 'OUT-1' }]);
  });

  it('leaves what it has as it is', async () => {
    const bench = await open();
    const { attemptId } = await bench.call('OUT-1', succeeded('OUT-1'));
    const before = [await bench.attempts(), await bench.contacts()];
    const known = await outside(bench, { attemptId });
    const asAmbiguous = { ...known, callSid: undefined, reason: 'timeout' };
    expect(await bench.store.reconcile('spring', [known, asAmbiguous])).toEqual({ recorded: 0, withoutContact: [] });
    expect([await bench.attempts(), await bench.contacts()]).toEqual(before);
  });

  it('counts the calls for the caps', async () => {
    const bench = await open({ rules: { maxCallsPer24h: 1, retryAfter: { busy: '1m' } } });
    await change(bench, 'pause');
    const call = await outside(bench);
    await bench.store.reconcile('spring', [call]);
    await bench.store.recordEnded({ attemptId: call.attemptId, status: 'failure', reason: 'busy' });
    await change(bench, 'resume');
    bench.nowMs += HOUR_MS;
    const untilMs = Date.parse(call.at) + 24 * HOUR_MS;
    expect(await bench.claim()).toMatchObject({ kind: 'wait', untilMs });
  });

  it('cannot have attempts on contacts that it does not have, and says which', async () => {
    const bench = await open();
    await change(bench, 'pause');
    const call = await outside(bench, { contactId: 'imported later' });
    expect(await bench.store.reconcile('spring', [call])).toEqual({ recorded: 0, withoutContact: [call] });
    expect(await bench.attempts()).toEqual([]);
  });

  it('must not be running', async () => {
    const bench = await open({ contacts: [contactOf(1)] });
    await expect(bench.store.reconcile('spring', [])).rejects.toMatchObject({ code: 'wrong-state' });
    await expect(bench.store.reconcile('autumn', [])).rejects.toMatchObject({ code: 'not-found' });
  });
});
