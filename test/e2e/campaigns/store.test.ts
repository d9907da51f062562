import { describe, expect, it, onTestFinished } from 'vitest';

import { openCampaignStore } from '../../../src/campaigns/open.js';
import { CampaignError } from '../../../src/campaigns/errors.js';
import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, numberOf, startCampaignOf } from '../../support/campaign-samples.js';
import { failed, succeeded, unseen } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const HOUR_MS = 3_600_000;

describe.each(useStores())('the campaign store on $name', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());

  it('is made once by many who use it first at the same moment', async () => {
    const url = await freshUrl();
    const stores = Array.from({ length: 6 }, () => openCampaignStore(url));
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()));
    });
    await Promise.all(stores.map((store, index) => store.create({ campaignId: `c${index}` })));
    expect(await stores[0]!.list()).toHaveLength(6);
  });

  it('goes by the clock of the database', async () => {
    const url = await freshUrl();
    const store = openCampaignStore(url);
    onTestFinished(() => store.close());
    const { createdAt } = await store.create({ campaignId: 'spring' });
    expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(60_000);
  });

  it('has each number once in a campaign, whatever is imported again', async () => {
    const bench = await open();
    const { store } = bench;
    await store.create({ campaignId: 'spring' });
    expect(await store.addContacts('spring', [contactOf(1), contactOf(2), contactOf(2)])).toEqual({
      added: 2,
      updated: 1,
    });
    const again = [contactOf(2, { reference: 'crm-2', variables: { name: 'Ada' } }), contactOf(3)];
    expect(await store.addContacts('spring', again)).toEqual({ added: 1, updated: 1 });
    expect((await bench.contacts()).map(({ number, reference, state }) => [number, reference, state])).toEqual([
      [numberOf(1), '', 'waiting'],
      [numberOf(2), 'crm-2', 'waiting'],
      [numberOf(3), '', 'waiting'],
    ]);
  });

  it('dials nobody again that is imported a second time', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    await bench.call('OUT-1', succeeded('OUT-1'));
    await bench.store.addContacts('spring', [contactOf(1)]);
    await bench.store.change({ campaignId: 'spring', changeId: 'again', change: { kind: 'start' } });
    expect(await bench.claim()).toEqual({ kind: 'none', reason: 'no contact is waiting' });
  });

  it('dials nobody before the campaign is started, and nobody while it is paused', async () => {
    const bench = await open();
    await bench.store.create({ campaignId: 'spring' });
    await bench.store.addContacts('spring', [contactOf(1)]);
    expect(await bench.claim()).toEqual({ kind: 'none', reason: 'the campaign is draft' });
    await startCampaignOf(bench.store);
    await bench.store.change({ campaignId: 'spring', changeId: 'p', change: { kind: 'pause' } });
    expect(await bench.claim()).toEqual({ kind: 'none', reason: 'the campaign is paused' });
    await bench.store.change({ campaignId: 'spring', changeId: 'r', change: { kind: 'resume' } });
    expect(await bench.claim()).toMatchObject({ kind: 'claimed' });
  });

  it('makes a change once for its ID, and refuses what the state does not allow', async () => {
    const { store } = await open();
    await startCampaignOf(store);
    const pause = { campaignId: 'spring', changeId: 'p', change: { kind: 'pause', reason: 'lunch' } } as const;
    const { epoch, stateReason } = await store.change(pause);
    expect(stateReason).toBe('lunch');
    await store.change({ campaignId: 'spring', changeId: 'r', change: { kind: 'resume' } });
    expect(await store.change(pause)).toMatchObject({ state: 'running', epoch: epoch + 1 });
    await expect(store.change({ ...pause, changeId: 'r2', change: { kind: 'resume' } })).rejects.toThrow(
      new CampaignError('campaign "spring" is running, so it cannot be resumed', 'wrong-state'),
    );
    await expect(store.progress('autumn')).rejects.toBeInstanceOf(CampaignError);
  });

  it('gives one contact to one of many that claim at the same moment', async () => {
    const bench = await open();
    const contacts = Array.from({ length: 40 }, (_, index) => contactOf(index));
    await startCampaignOf(bench.store, { contacts });
    const stores = Array.from({ length: 4 }, () => openCampaignStore(bench.url, { now: () => (bench.nowMs += 1) }));
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()));
    });
    const claims = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        stores[index % 4]!.claim({ campaignId: 'spring', owner: `owner-${index}` }),
      ),
    );
    const claimed = claims.filter((answer) => answer.kind === 'claimed').map(({ claim }) => claim.contactId);
    expect(new Set(claimed).size).toBe(claimed.length);
    expect(claimed).toHaveLength(40);
  });

  it('lets each claim post once, and nobody but its owner', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [contactOf(1, { variables: { name: 'Ada' } })], account: 'sales' });
    const claim = await bench.claimed();
    const refused = { kind: 'refused', reason: 'the claim is no longer valid' };
    expect(await bench.store.beginPosting({ ...claim, owner: 'another' })).toEqual(refused);
    expect(await bench.store.beginPosting(claim)).toEqual({
      kind: 'post',
      account: 'sales',
      number: numberOf(1),
      variables: { name: 'Ada' },
    });
    expect(await bench.store.beginPosting(claim)).toEqual(refused);
  });

  it.each([
    [
      'a pause, also one that is over',
      async ({ store }: CampaignBench) => {
        await store.change({ campaignId: 'spring', changeId: 'p', change: { kind: 'pause' } });
        await store.change({ campaignId: 'spring', changeId: 'r', change: { kind: 'resume' } });
      },
      'the campaign was paused in between',
    ],
    [
      'an opt-out',
      async ({ store }: CampaignBench) => await store.suppress(numberOf(1), { reason: 'opted out', source: 'agent' }),
      'on the suppression list',
    ],
    ['the end of the lease', async (bench: CampaignBench) => void (bench.nowMs += 31_000), 'the lease has expired'],
  ])('stops a call that is claimed but not yet posted: %s', async (_what, happen, reason) => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const claim = await bench.claimed();
    await happen(bench);
    expect(await bench.store.beginPosting(claim)).toEqual({ kind: 'refused', reason });
    expect(await bench.attempts()).toMatchObject([{ state: 'not_sent', reason }]);
  });

  it('makes an attempt again, under its number, that certainly did not dial', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const claim = await bench.claimed();
    await bench.store.beginPosting(claim);
    await bench.store.recordNotSent({ ...claim, reason: 'connection refused', then: 'again' });
    expect(await bench.claim()).toMatchObject({ kind: 'wait', reason: 'calls per second' });
    bench.nowMs += 6_000;
    expect(await bench.claimed()).toMatchObject({ attemptId: claim.attemptId, attempt: 1 });
  });

  it('keeps an ambiguous attempt away from the phone until somebody says so', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const claim = await bench.claimed();
    await bench.store.beginPosting(claim);
    await bench.store.recordAmbiguous({ ...claim, reason: 'no answer within 10000 ms' });
    bench.nowMs += 100 * HOUR_MS;
    expect(await bench.claim()).toEqual({ kind: 'none', reason: 'no contact is waiting' });
    expect(await bench.store.progress('spring')).toMatchObject({
      contacts: { ambiguous: 1 },
      lastProblems: [{ attemptId: claim.attemptId, state: 'ambiguous', reason: 'no answer within 10000 ms' }],
    });
    await bench.store.change({ campaignId: 'spring', changeId: 'again', change: { kind: 'retryAmbiguous' } });
    expect(await bench.claimed()).toMatchObject({ attempt: 2 });
  });

  it('estimates the end by the rate since the campaign runs, and none while it stands', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [contactOf(1), contactOf(2), contactOf(3)] });
    expect(await bench.store.progress('spring')).not.toHaveProperty('estimatedEndAt');
    bench.nowMs += 10 * 60_000 - 1;
    await bench.call('OUT-1', succeeded('OUT-1'));
    const end = new Date(bench.nowMs + 20 * 60_000).toISOString();
    expect(await bench.store.progress('spring')).toMatchObject({ settledLastHour: 1, estimatedEndAt: end });
    await bench.store.change({ campaignId: 'spring', changeId: 'pause', change: { kind: 'pause' } });
    expect(await bench.store.progress('spring')).not.toHaveProperty('estimatedEndAt');
  });

  it('estimates no end before the next contact is due', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [contactOf(1), contactOf(2)] });
    bench.nowMs += 60_000 - 2;
    await bench.call('OUT-1', succeeded('OUT-1'));
    await bench.call('OUT-2', failed('OUT-2', 'busy'));
    const { nextDueAt, estimatedEndAt } = await bench.store.progress('spring');
    expect(Date.parse(nextDueAt!)).toBe(bench.nowMs + 30 * 60_000);
    expect(Date.parse(estimatedEndAt!)).toBe(bench.nowMs + 31 * 60_000);
  });

  it('takes what a lost worker left: before the request it is due again, during it ambiguous', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [contactOf(1), contactOf(2)] });
    await bench.claimed();
    await bench.store.beginPosting(await bench.claimed());
    bench.nowMs += 120_000;
    await bench.store.upkeep('spring');
    expect((await bench.contacts()).map(({ state }) => state).sort()).toEqual(['ambiguous', 'waiting']);
  });

  it('accepts the call SID of an ambiguous attempt that comes late', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const claim = await bench.claimed();
    await bench.store.beginPosting(claim);
    bench.nowMs += 120_000;
    await bench.store.upkeep('spring');
    await bench.store.recordPosted({ attemptId: claim.attemptId, callSid: 'OUT-late' });
    expect(await bench.attempts()).toMatchObject([{ state: 'posted', callSid: 'OUT-late' }]);
    expect(await bench.contacts()).toMatchObject([{ state: 'dialling' }]);
    expect((await bench.store.upkeep('spring')).unchecked).toMatchObject([{ callSid: 'OUT-late' }]);
  });

  it('settles attempts by the outcomes in its database, and plans what comes next', async () => {
    const bench = await open();
    const contacts = [1, 2, 3, 4].map((index) => contactOf(index));
    await startCampaignOf(bench.store, { contacts, rules: { maxAttempts: 2 } });
    await bench.call('OUT-1', succeeded('OUT-1'));
    const busy = await bench.call('OUT-2', failed('OUT-2', 'busy'));
    await bench.call('OUT-3', failed('OUT-3', 'invalid number'));
    await bench.call('OUT-4', unseen('OUT-4'));
    const states = new Map((await bench.contacts()).map((contact) => [contact.contactId, contact]));
    expect(states.get(busy.contactId)).toMatchObject({
      state: 'waiting',
      dueAt: new Date(bench.nowMs - 2 + HOUR_MS / 2).toISOString(),
    });
    expect((await bench.store.progress('spring')).dispositions).toEqual({
      answered: 1,
      busy: 1,
      'invalid-number': 1,
      unknown: 1,
    });
    bench.nowMs += HOUR_MS;
    await bench.call('OUT-5', failed('OUT-5', 'busy'));
    expect((await bench.contacts()).find(({ contactId }) => contactId === busy.contactId)).toMatchObject({
      state: 'failed',
      reason: 'busy; no attempt is left',
    });
  });

  it('does not count a call that PolyAI queued for too long, and slows down', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { rules: { maxAttempts: 1 } });
    await bench.call('OUT-1', failed('OUT-1', 'call queueing: max timeout limit exceeded'));
    expect(await bench.claim()).toMatchObject({ kind: 'wait', reason: 'calls per second' });
    bench.nowMs += 30_000;
    expect(await bench.claimed()).toMatchObject({ attempt: 2 });
  });

  it('dials within the windows only, and knows when the next one opens', async () => {
    const bench = await open();
    const window = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', until: '17:00' } as const;
    const contacts = [contactOf(1, { timeZones: ['America/Los_Angeles'] }), contactOf(2)];
    await startCampaignOf(bench.store, { contacts, rules: { windows: [window] } });
    await bench.claimed();
    expect(await bench.claim()).toMatchObject({
      kind: 'wait',
      reason: 'no contact is due',
      untilMs: Date.parse('2026-07-01T16:00:00Z'),
    });
    await bench.store.change({
      campaignId: 'spring',
      changeId: 'earlier',
      change: { kind: 'rules', rules: { windows: [{ ...window, from: '04:00' }] } },
    });
    expect(await bench.claim()).toMatchObject({ kind: 'claimed' });
  });

  it.each([
    ['without consent', { consent: '' }, 'no consent'],
    ['without a time zone', { timeZones: [] }, 'the contact has no time zone'],
    ['in a zone that is none', { timeZones: ['Etc/UTC', 'Mars/Base'] }, 'the contact has an invalid time zone'],
  ])('never dials a contact %s, and says why', async (_what, given, reason) => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [contactOf(1, given)] });
    expect(await bench.claim()).toMatchObject({ kind: 'none' });
    expect(await bench.contacts()).toMatchObject([{ state: 'blocked', reason }]);
    await bench.store.addContacts('spring', [contactOf(1)]);
    expect(await bench.contacts()).toMatchObject([{ state: 'waiting', reason: '' }]);
    expect(await bench.claim()).toMatchObject({ kind: 'claimed' });
  });

  it('keeps why and until when a contact waits after a call when it is imported again', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    await bench.call('OUT-1', failed('OUT-1', 'busy'));
    const before = await bench.contacts();
    expect(before).toMatchObject([{ state: 'waiting', reason: 'busy' }]);
    await bench.store.addContacts('spring', [contactOf(1)]);
    expect(await bench.contacts()).toEqual(before);
  });

  it('pauses a campaign whose rules cannot be read, and dials nobody', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const other = openCampaignStore(bench.url, { now: () => bench.nowMs });
    onTestFinished(() => other.close());
    await bench.execute(`UPDATE temporal_polyai_campaign_rules SET rules = '{"windows": 3}'`);
    expect(await other.claim({ campaignId: 'spring', owner: 'a' })).toMatchObject({ kind: 'none' });
    const stateReason = 'version 2 of the rules cannot be read';
    expect(await other.find('spring')).toMatchObject({ state: 'paused', stateReason });
  });
});
