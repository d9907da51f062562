import { describe, expect, it } from 'vitest';

import type { Claim } from '../../../src/campaigns/store.js';
import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, numberOf, startCampaignOf } from '../../support/campaign-samples.js';
import { failed, succeeded } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const HOUR_MS = 3_600_000;

const many = (amount: number) => Array.from({ length: amount }, (_, index) => contactOf(index));

describe.each(useStores())('the limits of a campaign store on $name', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());

  it('keep the calls at once of an account, over all its campaigns', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(5) });
    await startCampaignOf(bench.store, { campaignId: 'autumn', contacts: many(5), callsAtOnce: 3 });
    const first = await bench.claimed('spring');
    await bench.claimed('autumn');
    await bench.claimed('spring');
    expect(await bench.claim('autumn')).toMatchObject({ kind: 'wait', reason: 'calls at once' });
    await bench.store.beginPosting(first);
    await bench.store.recordPosted({ attemptId: first.attemptId, callSid: 'OUT-1' });
    expect(await bench.claim('spring')).toMatchObject({ kind: 'wait', reason: 'calls at once' });
    await bench.store.recordEnded({ attemptId: first.attemptId, status: 'success', reason: '' });
    await bench.claimed('autumn');
  });

  it('lose no slot to a worker that is lost', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(5), callsAtOnce: 1 });
    await bench.claimed();
    expect(await bench.claim()).toMatchObject({ kind: 'wait', reason: 'calls at once' });
    bench.nowMs += 31_000;
    await bench.claimed();
  });

  it('count a call that may have been placed, for as long as it may last', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(5), callsAtOnce: 1 });
    const claim = await bench.claimed();
    await bench.store.beginPosting(claim);
    await bench.store.recordAmbiguous({ ...claim, reason: 'timeout' });
    expect(await bench.claim()).toMatchObject({ kind: 'wait', reason: 'calls at once' });
    bench.nowMs += 10 * 60_000;
    await bench.claimed();
  });

  it('space the calls of an account evenly, over all its campaigns and without saving up', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(5) });
    await startCampaignOf(bench.store, { campaignId: 'autumn', contacts: many(5), callsPerSecond: 0.5 });
    bench.nowMs += HOUR_MS;
    await bench.claimed('spring');
    const next = bench.nowMs + 2_000;
    expect(await bench.claim('autumn')).toMatchObject({ kind: 'wait', reason: 'calls per second', untilMs: next });
    bench.nowMs = next - 1;
    await bench.claimed('autumn');
    expect(await bench.claim('spring')).toMatchObject({ kind: 'wait', reason: 'calls per second' });
  });

  it('take requests that PolyAI refuses together for one refusal, and wait longer after the next', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(5) });
    const claims = [await bench.claimed(), await bench.claimed(), await bench.claimed()];
    const refuse = async (claim: Claim): Promise<void> => {
      await bench.store.beginPosting(claim);
      await bench.store.recordNotSent({ ...claim, reason: '429', then: 'again' });
    };
    for (const claim of claims) await refuse(claim);
    const untilMs = bench.nowMs + 5_000;
    expect(await bench.claim()).toMatchObject({ kind: 'wait', reason: 'calls per second', untilMs });
    bench.nowMs = untilMs;
    await refuse(await bench.claimed());
    expect(await bench.claim()).toMatchObject({ kind: 'wait', waitMs: 10_000 - 1 });
  });

  it('leave the calls of other accounts alone', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(5), callsAtOnce: 1, account: 'sales' });
    await startCampaignOf(bench.store, { campaignId: 'autumn', contacts: many(5), account: 'care' });
    await bench.claimed('spring');
    expect(await bench.claim('spring')).toMatchObject({ kind: 'wait' });
    await bench.claimed('autumn');
  });

  it('cap the calls to a number in 24 hours and in 7 days, over all campaigns and accounts', async () => {
    const bench = await open();
    const rules = { maxCallsPer24h: 2, maxCallsPer7d: 3, maxAttempts: 20, retryAfter: { busy: '1m' } };
    await startCampaignOf(bench.store, { rules });
    await startCampaignOf(bench.store, { campaignId: 'autumn', account: 'care', rules });
    const firstAtMs = bench.nowMs + 1;
    await bench.call('OUT-1', failed('OUT-1', 'busy'));
    bench.nowMs += HOUR_MS;
    await bench.call('OUT-2', failed('OUT-2', 'busy'), 'autumn');
    bench.nowMs += HOUR_MS;
    expect(await bench.claim('spring')).toMatchObject({ kind: 'wait', untilMs: firstAtMs + 24 * HOUR_MS });
    expect(await bench.claim('autumn')).toMatchObject({ kind: 'wait', untilMs: firstAtMs + 24 * HOUR_MS });
    bench.nowMs = firstAtMs + 24 * HOUR_MS;
    await bench.call('OUT-3', failed('OUT-3', 'busy'));
    bench.nowMs += 24 * HOUR_MS;
    expect(await bench.claim('autumn')).toMatchObject({ kind: 'wait', untilMs: firstAtMs + 168 * HOUR_MS });
    bench.nowMs = firstAtMs + 168 * HOUR_MS;
    await bench.claimed('autumn');
  });

  it('keep an opt-out in all campaigns, also those of later', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    await bench.store.suppress(numberOf(1), { reason: 'opted out', source: 'agent' });
    expect(await bench.claim()).toMatchObject({ kind: 'none' });
    await startCampaignOf(bench.store, { campaignId: 'autumn' });
    expect(await bench.claim('autumn')).toMatchObject({ kind: 'none' });
    expect(await bench.contacts('autumn')).toMatchObject([{ state: 'suppressed', reason: 'on the suppression list' }]);
  });

  it('pause a campaign after too many failures in a row; an absent person is none', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(9), rules: { stopAfterFailures: 2 } });
    await bench.call('OUT-1', failed('OUT-1', 'agent crashed'));
    await bench.call('OUT-2', succeeded('OUT-2'));
    await bench.call('OUT-3', failed('OUT-3', 'agent crashed'));
    await bench.call('OUT-4', failed('OUT-4', 'no answer'));
    expect(await bench.store.find('spring')).toMatchObject({ state: 'running' });
    await bench.call('OUT-5', failed('OUT-5', 'agent crashed'));
    const stateReason = '2 attempts in a row failed';
    expect(await bench.store.find('spring')).toMatchObject({ state: 'paused', stateReason });
    await bench.store.change({ campaignId: 'spring', changeId: 'r', change: { kind: 'resume' } });
    await bench.call('OUT-6', failed('OUT-6', 'agent crashed'));
    expect(await bench.store.find('spring')).toMatchObject({ state: 'running' });
  });

  it('pause a campaign after too many ambiguous attempts', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: many(9), rules: { stopAfterAmbiguous: 2 } });
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const claim = await bench.claimed();
      await bench.store.beginPosting(claim);
      await bench.store.recordAmbiguous({ ...claim, reason: 'timeout' });
    }
    expect(await bench.store.find('spring')).toMatchObject({
      state: 'paused',
      stateReason: '2 attempts are ambiguous',
    });
  });

  it('end a campaign at its deadline, and when no contact is left', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { rules: { deadline: '2026-07-01T13:00:00Z' } });
    await startCampaignOf(bench.store, { campaignId: 'autumn' });
    await bench.call('OUT-1', succeeded('OUT-1'), 'autumn');
    expect(await bench.store.find('autumn')).toMatchObject({ state: 'completed', stateReason: 'no contact is left' });
    bench.nowMs += HOUR_MS;
    expect(await bench.claim('spring')).toEqual({ kind: 'none', reason: 'the deadline has passed' });
    expect(await bench.store.upkeep('spring')).toMatchObject({ state: 'completed' });
  });

  it('stop a campaign whose every call would be rejected', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const claim = await bench.claimed();
    await bench.store.beginPosting(claim);
    await bench.store.recordNotSent({ ...claim, reason: 'the token is rejected', then: 'stop' });
    expect(await bench.store.find('spring')).toMatchObject({ state: 'paused', stateReason: 'the token is rejected' });
  });
});
