import { describe, expect, it, onTestFinished } from 'vitest';

import { openCampaignStore } from '../../../src/campaigns/open.js';
import { CAMPAIGNS, RULES } from '../../../src/campaigns/database/schema.js';
import type { CampaignChange } from '../../../src/contract/campaign.js';
import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, numberOf, startCampaignOf } from '../../support/campaign-samples.js';
import { failed } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe.each(useStores())('what a campaign store on $name guards against', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());
  const change = async ({ store }: CampaignBench, changeId: string, wanted: CampaignChange): Promise<unknown> =>
    await store.change({ campaignId: 'spring', changeId, change: wanted });

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

  it('makes no attempt that rules of later do not leave', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { rules: { maxAttempts: 5, retryAfter: { busy: '1m' } } });
    await bench.call('OUT-1', failed('OUT-1', 'busy'));
    bench.nowMs += HOUR_MS;
    await bench.call('OUT-2', failed('OUT-2', 'busy'));
    bench.nowMs += HOUR_MS;
    await change(bench, 'fewer', { kind: 'rules', rules: { maxAttempts: 2 } });
    expect(await bench.claim()).toMatchObject({ kind: 'none' });
    expect(await bench.contacts()).toMatchObject([{ state: 'failed', reason: 'no attempt is left' }]);
    expect(await bench.store.progress('spring')).toMatchObject({ settledLastHour: 1 });
  });

  it.each([
    [
      'rules that have changed',
      async (bench: CampaignBench) => await change(bench, 'rules', { kind: 'rules', rules: { maxAttempts: 1 } }),
      'the rules were changed in between',
    ],
    [
      'the deadline',
      async (bench: CampaignBench) => void (bench.nowMs = Date.parse('2026-07-01T12:00:20Z')),
      'the deadline has passed',
    ],
    [
      'a consent that was withdrawn',
      async ({ store }: CampaignBench) => await store.addContacts('spring', [contactOf(1, { consent: '' })]),
      'no consent',
    ],
  ])('stops a call that is claimed but not yet posted: %s', async (_what, happen, reason) => {
    const bench = await open();
    await startCampaignOf(bench.store, { rules: { deadline: '2026-07-01T12:00:20Z' } });
    const claim = await bench.claimed();
    await happen(bench);
    expect(await bench.store.beginPosting(claim)).toEqual({ kind: 'refused', reason });
    expect(await bench.contacts()).toMatchObject([{ state: 'waiting', reason }]);
    expect(await bench.attempts()).toMatchObject([{ state: 'not_sent', reason }]);
  });

  it('stores free text that a database rejects, with replacement characters', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const [given, stored] = ['a\0b \ud83d', 'a\ufffdb \ufffd'];
    await bench.store.change({ campaignId: 'spring', changeId: 'a\0', change: { kind: 'pause', reason: given } });
    expect(await bench.store.progress('spring')).toMatchObject({ state: 'paused', stateReason: stored });
    await change(bench, 'go on', { kind: 'resume' });
    const claim = await bench.claimed();
    await bench.store.beginPosting(claim);
    await bench.store.recordAmbiguous({ ...claim, reason: given });
    expect(await bench.attempts()).toMatchObject([{ reason: stored }]);
    const report = { attemptId: claim.attemptId, disposition: 'opted-out', source: given, reportId: 'r\0' } as const;
    expect(await bench.store.recordDisposition(report)).toMatchObject({ isNew: true });
    expect(await bench.store.recordDisposition(report)).toMatchObject({ isNew: false });
    await bench.store.suppress(numberOf(7), { reason: given, source: given });
    const suppressions = [];
    for await (const { reason } of bench.store.suppressions()) suppressions.push(reason);
    expect(suppressions).toContain(stored);
  });

  it('gives nobody a contact, or an attempt, of another campaign', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    await startCampaignOf(bench.store, { campaignId: 'autumn' });
    const [contact] = await bench.contacts('autumn');
    const only = { contactId: contact!.contactId, attempt: 1 };
    const none = { kind: 'none', reason: 'the campaign has no such contact' };
    expect(await bench.store.claim({ campaignId: 'spring', owner: 'a', only })).toEqual(none);
    await bench.claimed('autumn');
    expect(await bench.store.claim({ campaignId: 'spring', owner: 'a', only })).toEqual(none);
  });

  it('keeps the cap when an earlier call is reconciled between claim and request', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { rules: { maxCallsPer24h: 1 } });
    await startCampaignOf(bench.store, { campaignId: 'autumn' });
    const claim = await bench.claimed('spring');
    const [contact] = await bench.contacts('autumn');
    const at = new Date(bench.nowMs - 6 * HOUR_MS).toISOString();
    await bench.store.change({ campaignId: 'autumn', changeId: 'pause', change: { kind: 'pause' } });
    await bench.store.reconcile('autumn', [{ attemptId: 'a', contactId: contact!.contactId, at, callSid: 'OUT-1' }]);
    const refused = { kind: 'refused', reason: 'the cap on calls to the number' };
    expect(await bench.store.beginPosting(claim)).toEqual(refused);
    expect(await bench.claim('spring')).toMatchObject({ kind: 'wait' });
  });

  it('sends no burst of the claims of a worker that was stopped', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [1, 2, 3].map((index) => contactOf(index)), callsPerSecond: 1 });
    const claims = [await bench.claimed()];
    for (const _ of [2, 3]) {
      bench.nowMs += 1_000;
      claims.push(await bench.claimed());
    }
    bench.nowMs += 5_000;
    const answers = [];
    for (const claim of claims) answers.push(await bench.store.beginPosting(claim));
    const refused = { kind: 'refused', reason: 'calls per second' };
    expect(answers).toEqual([expect.objectContaining({ kind: 'post' }), refused, refused]);
  });

  it('leaves a campaign cancelled whose token is rejected in its last request', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const claim = await bench.claimed();
    await bench.store.beginPosting(claim);
    await change(bench, 'end', { kind: 'cancel', reason: 'enough' });
    await bench.store.recordNotSent({ ...claim, reason: 'the token is rejected', then: 'stop' });
    expect(await bench.store.find('spring')).toMatchObject({ state: 'cancelled', stateReason: 'enough' });
  });

  it('obeys the rules of a restored copy, whose versions have the numbers of those that were lost', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    await change(bench, 'lost', { kind: 'rules', rules: { maxCallsPer7d: 50 } });
    const { rulesVersion } = (await bench.store.find('spring'))!;
    await bench.store.beginPosting(await bench.claimed());
    await bench.execute(`DELETE FROM ${RULES} WHERE version = ${rulesVersion}`);
    await bench.execute(`UPDATE ${CAMPAIGNS} SET rules_version = ${rulesVersion - 1}`);
    bench.nowMs += HOUR_MS;
    const windows = [{ days: ['sun' as const], from: '03:00', until: '03:30' }];
    await change(bench, 'new', { kind: 'rules', rules: { windows } });
    expect(await bench.store.find('spring')).toMatchObject({ rulesVersion });
    await bench.store.addContacts('spring', [contactOf(2)]);
    expect(await bench.claim()).toMatchObject({ kind: 'wait' });
  });

  it('takes thousands of contacts, imported twice at once in opposite orders', { timeout: 60_000 }, async () => {
    const url = await freshUrl();
    const stores = [openCampaignStore(url), openCampaignStore(url)] as const;
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()));
    });
    await stores[0].create({ campaignId: 'spring' });
    const contacts = Array.from({ length: 4_000 }, (_, index) => contactOf(index));
    const imported = await Promise.all([
      stores[0].addContacts('spring', contacts),
      stores[1].addContacts('spring', contacts.toReversed()),
    ]);
    const sum = (of: 'added' | 'updated') => imported.reduce((total, counts) => total + counts[of], 0);
    expect([sum('added'), sum('updated')]).toEqual([4_000, 4_000]);
    expect(await stores[0].progress('spring')).toMatchObject({ contacts: { waiting: 4_000 } });
  });

  it('gives no reason that quotes a contact or a suppression', async () => {
    const bench = await open();
    const secret = '+447700900999';
    const contacts = [contactOf(1, { timeZones: [secret] }), contactOf(2), contactOf(3)];
    await startCampaignOf(bench.store, { contacts });
    await bench.store.suppress(numberOf(2), { reason: `asked by ${secret}`, source: 'agent' });
    const claim = await bench.claimed();
    const { number } = (await bench.contacts()).find(({ contactId }) => contactId === claim.contactId)!;
    await bench.store.suppress(number, { reason: `asked by ${secret}`, source: 'agent' });
    expect(await bench.store.beginPosting(claim)).toEqual({ kind: 'refused', reason: 'on the suppression list' });
    for (const { contactId } of await bench.contacts()) {
      bench.nowMs += 10;
      const only = { contactId, attempt: 1 };
      const answer = await bench.store.claim({ campaignId: 'spring', owner: 'a', only });
      expect(JSON.stringify(answer)).not.toContain(secret);
    }
    expect((await bench.contacts()).map(({ state, reason }) => [state, reason])).toEqual([
      ['blocked', 'the contact has an invalid time zone'],
      ['suppressed', 'on the suppression list'],
      ['suppressed', 'on the suppression list'],
    ]);
    expect(JSON.stringify(await bench.store.progress('spring'))).not.toContain(secret);
  });

  it('says how long to wait by its own clock', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { rules: { retryAfter: { busy: '20m' } } });
    await bench.call('OUT-1', failed('OUT-1', 'busy'));
    expect(await bench.store.upkeep('spring')).toMatchObject({ nextDueInMs: 20 * 60_000 });
    bench.nowMs += 60_000 - 1;
    expect(await bench.claim()).toMatchObject({ kind: 'wait', waitMs: 19 * 60_000 });
  });

  it('pauses a campaign whose rules cannot be read, whatever it does, and goes on once they can', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [contactOf(1), contactOf(2)] });
    const claim = await bench.claimed();
    await bench.store.beginPosting(claim);
    await bench.store.recordPosted({ attemptId: claim.attemptId, callSid: 'OUT-1' });
    const posting = await bench.claimed();
    const store = openCampaignStore(bench.url, { now: () => bench.nowMs });
    onTestFinished(() => store.close());
    await bench.execute(`UPDATE temporal_polyai_campaign_rules SET rules = '{"windows": 3}'`);
    const stateReason = 'version 2 of the rules cannot be read';
    expect(await store.beginPosting(posting)).toEqual({ kind: 'refused', reason: stateReason });
    await store.recordEnded({ attemptId: claim.attemptId, status: 'success', reason: '' });
    expect(await store.upkeep('spring')).toMatchObject({ state: 'paused', underWay: 1, unchecked: [] });
    const paused = await store.find('spring');
    expect(paused).toMatchObject({ state: 'paused', stateReason });
    await store.upkeep('spring');
    expect(await store.find('spring')).toEqual(paused);
    await store.change({
      campaignId: 'spring',
      changeId: 'rules',
      change: { kind: 'rules', rules: { maxAttempts: 2 } },
    });
    await store.recordEnded({ attemptId: claim.attemptId, status: 'success', reason: '' });
    expect(await store.progress('spring')).toMatchObject({ state: 'paused', contacts: { done: 1, waiting: 1 } });
    await store.change({ campaignId: 'spring', changeId: 'on', change: { kind: 'resume' } });
    expect(await store.upkeep('spring')).toMatchObject({ state: 'running' });
  });
});
