import { describe, expect, it } from 'vitest';

import { openOutcomeStore } from '../../../src/outcomes.js';
import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, numberOf, startCampaignOf } from '../../support/campaign-samples.js';
import { failed } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const person = { number: numberOf(1) };

describe.each(useStores())('erasing a person on $name', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());

  it('leaves that there were calls, and nothing about whom', async () => {
    const bench = await open();
    const { store } = bench;
    const given = { reference: 'crm-1', consent: 'web form of Ada', variables: { name: 'Ada' } };
    await startCampaignOf(store, { contacts: [contactOf(1, given)] });
    await startCampaignOf(store, { campaignId: 'summer', contacts: [contactOf(1), contactOf(2)] });
    const { attemptId } = await bench.call('OUT-1', failed('OUT-1', 'Ada said no'));
    const report = { attemptId, disposition: 'human', source: 'agent of Ada', reportId: 'ada-1' } as const;
    await store.recordDisposition(report);
    await store.suppress(numberOf(1), { reason: 'letter of Ada', source: 'mail of Ada' });
    const [before] = await bench.attempts();
    const known = await bench.dump();
    for (const text of [numberOf(1), 'Ada', 'crm-1', 'ada-1']) expect(known).toContain(text);

    const campaigns = ['spring', 'summer'].map((campaignId) => ({ campaignId, contacts: 1 }));
    const data = { campaigns, suppressions: 1 };
    // The reference is that of one campaign; its number is known in both.
    expect(await store.personalData({ reference: 'crm-1' })).toEqual(data);
    expect(await bench.contacts()).toMatchObject([given]);
    expect(await store.erase({ reference: 'crm-1' })).toEqual(data);

    const left = await bench.dump();
    for (const text of [numberOf(1).slice(1), 'Ada', 'crm-1', 'ada-1']) expect(left).not.toContain(text);
    expect(left).toContain(numberOf(2));
    const contactId = before!.contactId;
    const empty = { timeZones: [], regions: [], consent: '', reference: '', variables: {}, reason: '' };
    expect(await bench.contacts()).toEqual([{ contactId, number: `erased:${contactId}`, state: 'erased', ...empty }]);
    expect(await bench.attempts()).toEqual([{ ...before, reason: '', dispositionSource: '' }]);
    const outcomes = await openOutcomeStore(bench.url);
    expect(await outcomes.get('OUT-1')).toMatchObject({
      status: 'failure',
      reason: '',
      lastObservation: { reason: '' },
    });
    await outcomes.close();
    expect((await bench.contacts('summer')).map(({ state }) => state).sort()).toEqual(['erased', 'waiting']);
    expect(await store.personalData(person)).toEqual({ campaigns: [], suppressions: 0 });
  });

  it('dials nobody who was erased, whatever is retried or reported later', async () => {
    const bench = await open();
    const { store } = bench;
    await startCampaignOf(store, { contacts: [contactOf(1), contactOf(2)], rules: { maxAttempts: 1 } });
    const { attemptId } = await bench.call('OUT-1', failed('OUT-1', 'busy'));
    const doubtful = await bench.claimed();
    await store.beginPosting(doubtful);
    await store.recordAmbiguous({ ...doubtful, reason: 'timeout' });
    bench.nowMs += 60 * MINUTE_MS;
    for (const index of [1, 2]) await store.erase({ number: numberOf(index) });

    await store.recordPosted({ attemptId: doubtful.attemptId, callSid: 'OUT-2' });
    await store.recordEnded({ attemptId: doubtful.attemptId, status: 'failure', reason: 'busy' });
    for (const kind of ['retryFailed', 'retryAmbiguous'] as const) {
      await store.change({ campaignId: 'spring', changeId: kind, change: { kind } });
    }
    await store.change({
      campaignId: 'spring',
      changeId: 'rules',
      change: { kind: 'rules', rules: { maxAttempts: 9 } },
    });
    bench.nowMs += DAY_MS;
    await store.upkeep('spring');
    expect((await bench.contacts()).map(({ state }) => state)).toEqual(['erased', 'erased']);
    expect(await bench.claim()).toMatchObject({ kind: 'none' });
    await expect(store.recordDisposition({ attemptId, disposition: 'opted-out', source: 'agent' })).rejects.toThrow(
      `the contact of attempt "${attemptId}" was erased`,
    );
  });

  it('refuses while there is, or may be, a call', async () => {
    const bench = await open();
    const { store } = bench;
    await startCampaignOf(store);
    const claim = await bench.claimed();
    const refused = async (doubt: string): Promise<void> => {
      await expect(store.erase(person)).rejects.toThrow(`campaign "spring" ${doubt} calling this person`);
      expect(await bench.contacts()).toMatchObject([person]);
    };
    await refused('is');
    await store.beginPosting(claim);
    await refused('is');
    await store.recordAmbiguous({ ...claim, reason: 'timeout' });
    await refused('may be');
    await store.recordPosted({ attemptId: claim.attemptId, callSid: 'OUT-1' });
    await refused('is');
    // Long after any call's end, nobody has heard of this one.
    bench.nowMs += DAY_MS;
    await store.erase(person);
    expect(await bench.attempts()).toMatchObject([{ state: 'ended', disposition: 'unknown' }]);
  });

  it('is not held up by a worker that was lost, whatever that says later', async () => {
    const bench = await open();
    const { store } = bench;
    await startCampaignOf(store, { contacts: [contactOf(1), contactOf(2)] });
    const [intended, posting] = [await bench.claimed(), await bench.claimed()];
    await store.beginPosting(posting);
    bench.nowMs += 60 * MINUTE_MS;
    for (const index of [1, 2]) await store.erase({ number: numberOf(index) });

    expect(await store.beginPosting(intended)).toEqual({ kind: 'refused', reason: 'the lease has expired' });
    await store.recordNotSent({ ...posting, reason: 'the number is wrong', then: 'invalid-contact' });
    await store.upkeep('spring');
    expect((await bench.contacts()).map(({ state }) => state)).toEqual(['erased', 'erased']);
  });

  it('keeps a suppression, also of somebody who is imported again', async () => {
    const bench = await open();
    const { store } = bench;
    await startCampaignOf(store);
    await store.suppress(person.number, { reason: 'letter of Ada', source: 'mail' });
    expect(await store.erase(person)).toMatchObject({ suppressions: 1 });
    // The list of opt-outs is imported again.
    await store.suppress(person.number, { reason: 'letter of Ada', source: 'mail' });
    const listed = [];
    for await (const suppression of store.suppressions()) listed.push(suppression);
    expect(listed).toEqual([{ reason: '', source: '', createdAt: '2026-07-01T12:00:00.000Z' }]);

    await store.addContacts('spring', [contactOf(1)]);
    expect(await bench.claim()).toMatchObject({ kind: 'none' });
    expect((await bench.contacts()).map(({ state }) => state).sort()).toEqual(['erased', 'suppressed']);
  });

  it('keeps the cap on calls of somebody who is imported again, for as long as it counts', async () => {
    const bench = await open();
    const { store } = bench;
    await startCampaignOf(store, { rules: { maxCallsPer7d: 1, retryAfter: { busy: '1m' } } });
    await bench.call('OUT-1', failed('OUT-1', 'busy'));
    await store.erase(person);
    await store.addContacts('spring', [contactOf(1)]);
    expect(await bench.dump()).toMatch(/erased:[0-9a-f]{64}/);
    bench.nowMs += 6 * DAY_MS;
    await store.upkeep('spring');
    expect(await bench.claim()).toMatchObject({ kind: 'wait' });
    bench.nowMs += 2 * DAY_MS;
    await store.upkeep('spring');
    expect(await bench.claim()).toMatchObject({ kind: 'claimed' });
    expect(await bench.dump()).not.toMatch(/erased:[0-9a-f]{64}/);
  });

  it('refuses what names no person', async () => {
    const { store } = await open();
    const contacts = Array.from({ length: 51 }, (_, index) => contactOf(index, { reference: 'batch' }));
    await startCampaignOf(store, { contacts });
    await expect(store.erase({ reference: 'batch' })).rejects.toThrow('more than 50 numbers have this reference');
    await expect(store.erase({ number: '12' })).rejects.toThrow('the number to erase is not an E.164 number');
    for (const nobody of [{}, { reference: '' }, { ...person, reference: 'crm-1' }]) {
      await expect(store.erase(nobody)).rejects.toThrow(TypeError);
    }
  });
});
