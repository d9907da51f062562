import { describe, expect, it } from 'vitest';

import type { PlannedContact, PlanProgress } from '../../../src/campaigns/plan/campaign-plan.js';
import type { Claim } from '../../../src/campaigns/store.js';
import { type CampaignBench, listed, openBench } from '../../support/campaign-bench.js';
import { contactOf, numberOf, startCampaignOf } from '../../support/campaign-samples.js';
import { failed, succeeded } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const HOUR_MS = 3_600_000;
const OFFICE = { windows: [{ days: ['wed', 'thu'], from: '09:00', until: '17:00' }], closeMargin: 0 } as const;

async function end(bench: CampaignBench, { attemptId, owner }: Claim, status: 'success' | 'failure'): Promise<void> {
  await bench.store.beginPosting({ attemptId, owner });
  await bench.store.recordPosted({ attemptId, callSid: `OUT-${attemptId}` });
  await bench.store.recordEnded({ attemptId, status, reason: '' });
}

/** Calls everybody who may be called within 14 days. @returns when, by contact */
async function claimAll(bench: CampaignBench): Promise<ReadonlyMap<string, number>> {
  const claimedAtMs = new Map<string, number>();
  const endsAtMs = bench.nowMs + 14 * 24 * HOUR_MS;
  while (bench.nowMs < endsAtMs) {
    const answer = await bench.store.claim({ campaignId: 'spring', owner: `owner-${bench.nowMs}` });
    if (answer.kind === 'none') break;
    if (answer.kind === 'claimed') {
      claimedAtMs.set(answer.claim.contactId, bench.nowMs);
      await end(bench, answer.claim, 'success');
    } else {
      bench.nowMs = Math.max(bench.nowMs + 1, answer.kind === 'wait' ? answer.untilMs : 0);
    }
  }
  return claimedAtMs;
}

describe.each(useStores())('the plan of a campaign on $name', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());
  const byReference = (contacts: readonly PlannedContact[]) =>
    Object.fromEntries(contacts.map(({ reference, plan, at, reason }) => [reference, [plan, at, reason]]));

  it('says who is dialled when, and why somebody is not, and writes nothing', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, {
      rules: OFFICE,
      contacts: [
        contactOf(1, { reference: 'now' }),
        contactOf(2, { reference: 'tomorrow', timeZones: ['Pacific/Auckland'] }),
        contactOf(3, { reference: 'no consent', consent: '' }),
        contactOf(4, { reference: 'no zone', timeZones: [] }),
        contactOf(5, { reference: 'opted out' }),
      ],
    });
    await bench.store.suppress(numberOf(5), { reason: 'secret', source: 'agent' });
    const before = await bench.contacts();
    const plan = await bench.store.plan('spring');
    const contacts = await listed(plan.contacts);
    expect(byReference(contacts)).toEqual({
      now: ['dial', '2026-07-01T12:00:00.000Z', ''],
      // 09:00 in Auckland; Wednesday's window there closed at 05:00 UTC.
      tomorrow: ['dial', '2026-07-01T21:00:00.000Z', 'the calling window is closed'],
      'no consent': ['never', undefined, 'no consent'],
      'no zone': ['never', undefined, 'the contact has no time zone'],
      'opted out': ['never', undefined, 'on the suppression list'],
    });
    expect(plan).toMatchObject({
      dial: 2,
      never: 3,
      later: 0,
      delays: { 'the calling window is closed': 1 },
    });
    expect(await bench.contacts()).toEqual(before);
    expect(JSON.stringify([plan, contacts])).not.toContain('447700');
  });

  it('has the contacts, the times and the reasons of what claims then do', async () => {
    const bench = await open();
    const zones = ['Etc/UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
    const contacts = Array.from({ length: 24 }, (_, index) =>
      contactOf(index, { timeZones: [zones[index % 4]!], consent: index % 7 === 6 ? '' : 'form' }),
    );
    for (const campaignId of ['earlier', 'earliest']) {
      await startCampaignOf(bench.store, { campaignId, contacts: contacts.slice(0, 6) });
      for (let call = 0; call < 6; call += 1) await end(bench, await bench.claimed(campaignId), 'success');
    }
    const rules = { ...OFFICE, maxCallsPer24h: 2 };
    await startCampaignOf(bench.store, { contacts, rules, callsPerSecond: 0.001 });
    await end(bench, await bench.claimed(), 'failure');
    const fewer = { kind: 'rules', rules: { maxAttempts: 1 } } as const;
    await bench.store.change({ campaignId: 'spring', changeId: 'fewer', change: fewer });
    await bench.store.suppress(numberOf(16), { reason: 'asked', source: 'mail' });
    // The rate of calls is behind.
    bench.nowMs += 1_000_000;

    const plan = await bench.store.plan('spring', { callLengthMs: 1 });
    const planned = await listed(plan.contacts);
    const claimedAtMs = await claimAll(bench);
    const dialled = planned.filter(({ plan: what }) => what === 'dial');
    expect(plan).toMatchObject({
      delays: {
        'the limits of the account': 14,
        'the calling window is closed': 3,
        'the cap on calls to the number': 1,
      },
      reasons: { 'no consent': 3, 'no attempt is left': 1, 'on the suppression list': 1 },
    });
    expect(dialled.map(({ contactId }) => contactId).sort()).toEqual([...claimedAtMs.keys()].sort());
    // Contacts that are due at the same time are dialled in any order.
    const times = [...claimedAtMs.values()].sort((one, other) => one - other);
    for (const [index, { at }] of dialled.entries()) {
      expect(Math.abs(times[index]! - Date.parse(at!))).toBeLessThan(1_000);
    }
    const reasons = new Map((await bench.contacts()).map(({ contactId, reason }) => [contactId, reason]));
    for (const { contactId, plan: what, reason } of planned) {
      if (what === 'never') expect(reasons.get(contactId)).toBe(reason);
    }
  });

  it('spreads calls over the hours that the limits allow, up to the deadline and the horizon', async () => {
    const bench = await open();
    const contacts = Array.from({ length: 200 }, (_, index) => contactOf(index));
    await startCampaignOf(bench.store, { contacts, callsAtOnce: 2, callsPerSecond: 1 });
    const plan = await bench.store.plan('spring', { callLengthMs: 120_000 });
    expect(plan.callsPerMinute).toBe(1);
    expect(plan.hours.map(({ calls }) => calls)).toEqual([60, 60, 60, 20]);
    const early = await bench.store.plan('spring', {
      callLengthMs: 120_000,
      rules: { deadline: '2026-07-01T13:00:00Z' },
    });
    expect(early).toMatchObject({ dial: 60, reasons: { 'the deadline passes before': 140 } });
    const near = await bench.store.plan('spring', { callLengthMs: 120_000, horizonMs: HOUR_MS });
    expect(near).toMatchObject({ dial: 60, later: 140 });
    const wide = await bench.store.plan('spring', { callLengthMs: 120_000, limits: { callsAtOnce: 100 } });
    expect(wide.callsPerMinute).toBe(50);
  });

  it('says how far it is while it reads, and gives up when it is told to', async () => {
    const bench = await open();
    const contacts = Array.from({ length: 1_200 }, (_, index) => contactOf(index));
    await startCampaignOf(bench.store, { contacts });
    const stop = new AbortController();
    const read: number[] = [];
    const onProgress = (progress: PlanProgress): void => {
      read.push(progress.contacts);
      setImmediate(() => stop.abort(new Error('enough')));
    };
    await expect(bench.store.plan('spring', { signal: stop.signal, onProgress })).rejects.toThrow(/^enough$/);
    expect(read).toEqual([500, 1_000]);
    expect(await bench.store.plan('spring')).toMatchObject({ dial: 1_200 });
  });

  it('tries other rules: who was blocked or waits for a window is judged anew', async () => {
    const bench = await open();
    const contacts = [contactOf(1, { consent: '' }), contactOf(2, { timeZones: ['Pacific/Auckland'] })];
    await startCampaignOf(bench.store, { contacts, rules: OFFICE });
    expect(await bench.claim()).toMatchObject({ kind: 'wait' });
    expect((await bench.contacts()).map(({ state }) => state).sort()).toEqual(['blocked', 'waiting']);
    expect(await bench.store.plan('spring')).toMatchObject({ dial: 1, never: 1 });
    const allDay = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '00:00', until: '24:00' }] as const;
    const plan = await bench.store.plan('spring', { rules: { requireConsent: false, windows: allDay } });
    expect(plan).toMatchObject({ dial: 2, never: 0, delays: {} });
    await expect(bench.store.plan('spring', { rules: { maxAttempts: 0 } })).rejects.toThrow('maxAttempts');
  });

  it('takes the length of calls from those that have ended, and plans the next attempt of who was not reached', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [contactOf(1), contactOf(2)], callsAtOnce: 1 });
    await bench.call('OUT-1', succeeded('OUT-1'));
    await bench.call('OUT-2', failed('OUT-2', 'busy'));
    const plan = await bench.store.plan('spring');
    expect(plan.callLengthMs).toBe(0);
    expect(plan).toMatchObject({
      dial: 1,
      delays: { busy: 1 },
      reasons: { 'it was reached': 1 },
    });
    expect((await bench.store.plan('spring', { callLengthMs: 5 })).callLengthMs).toBe(5);
  });
});
