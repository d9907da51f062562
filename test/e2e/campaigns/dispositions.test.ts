import { describe, expect, it } from 'vitest';

import type { DispositionReport, StoredDispositionReport } from '../../../src/contract/disposition-report.js';
import { type CampaignBench, openBench } from '../../support/campaign-bench.js';
import { contactOf, startCampaignOf } from '../../support/campaign-samples.js';
import { failed, succeeded } from '../../support/outcome-samples.js';
import { useStores } from '../outcomes/stores-under-test.js';

const HOUR_MS = 3_600_000;

describe.each(useStores())('a disposition that is reported to a campaign store on $name', ({ freshUrl }) => {
  const open = async (): Promise<CampaignBench> => openBench(await freshUrl());
  const report = (attemptId: string, given: Partial<DispositionReport>): DispositionReport => ({
    attemptId,
    disposition: 'human',
    source: 'agent',
    ...given,
  });
  const posted = async (bench: CampaignBench, callSid: string, campaignId = 'spring'): Promise<string> => {
    const claim = await bench.claimed(campaignId);
    await bench.store.beginPosting(claim);
    await bench.store.recordPosted({ attemptId: claim.attemptId, callSid });
    return claim.attemptId;
  };

  it('holds when the call ends, whatever the API says', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const attemptId = await posted(bench, 'OUT-1');
    const given = report(attemptId, { disposition: 'voicemail' });
    expect(await bench.store.recordDisposition(given)).toMatchObject({ isNew: true, contactState: 'dialling' });
    bench.nowMs += 60_000;
    await bench.store.recordEnded({ attemptId, status: 'success', reason: 'completed' });
    expect(await bench.attempts()).toMatchObject([
      { state: 'ended', disposition: 'voicemail', dispositionSource: 'agent', reason: 'completed' },
    ]);
    const dueAt = new Date(bench.nowMs + 24 * HOUR_MS).toISOString();
    expect(await bench.contacts()).toMatchObject([{ state: 'waiting', reason: 'voicemail', dueAt }]);
  });

  it('corrects what comes next when it comes after the end of the call, and the last one holds', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const { attemptId } = await bench.call('OUT-1', succeeded('OUT-1'));
    expect(await bench.contacts()).toMatchObject([{ state: 'done' }]);
    const endedMs = bench.nowMs;
    bench.nowMs += HOUR_MS;
    expect(await bench.store.recordDisposition(report(attemptId, { disposition: 'voicemail' }))).toMatchObject({
      contactState: 'waiting',
      dueAt: new Date(endedMs + 24 * HOUR_MS).toISOString(),
      campaignState: 'completed',
    });
    expect((await bench.store.progress('spring')).dispositions).toEqual({ voicemail: 1 });
    await bench.store.recordDisposition(report(attemptId, { source: 'a person' }));
    expect(await bench.contacts()).toMatchObject([{ state: 'done', reason: 'human' }]);
    expect(await bench.attempts()).toMatchObject([{ disposition: 'human', dispositionSource: 'a person' }]);
  });

  it('counts once, also when its delivery is repeated after another report', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const { attemptId } = await bench.call('OUT-1', failed('OUT-1', 'busy'));
    const first = report(attemptId, { disposition: 'voicemail' });
    await bench.store.recordDisposition(first);
    await bench.store.recordDisposition(report(attemptId, { source: 'review' }));
    expect(await bench.store.recordDisposition(first)).toMatchObject({ isNew: false, contactState: 'done' });
    expect(await bench.store.recordDisposition({ ...first, reportId: 'second look' })).toMatchObject({
      isNew: true,
      contactState: 'waiting',
    });
    expect(await bench.store.recordDisposition({ ...first, reportId: 'second look' })).toMatchObject({ isNew: false });
    const reports: StoredDispositionReport[] = [];
    for await (const stored of bench.store.dispositionReports('spring')) reports.push(stored);
    expect(reports.map(({ disposition, source }) => [disposition, source])).toEqual([
      ['voicemail', 'agent'],
      ['human', 'review'],
      ['voicemail', 'agent'],
    ]);
  });

  it('has the contact called back at the time that it asked for, within the rules', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { rules: { maxAttempts: 2 } });
    const { attemptId } = await bench.call('OUT-1', succeeded('OUT-1'));
    const callBackAt = '2026-07-03T16:00:00+02:00';
    await bench.store.recordDisposition(report(attemptId, { disposition: 'call-back', callBackAt }));
    await bench.store.change({ campaignId: 'spring', changeId: 'again', change: { kind: 'start' } });
    const untilMs = Date.parse('2026-07-03T14:00:00Z');
    expect(await bench.claim()).toMatchObject({ kind: 'wait', untilMs });
    bench.nowMs = untilMs;
    const second = await bench.call('OUT-2', succeeded('OUT-2'));
    const later = report(second.attemptId, { disposition: 'call-back', callBackAt: '2026-07-09T16:00:00Z' });
    expect(await bench.store.recordDisposition(later)).toMatchObject({ contactState: 'failed' });
    expect(await bench.contacts()).toMatchObject([{ reason: 'call-back; no attempt is left' }]);
  });

  it('keeps an opt-out at once in all campaigns, also from a claim that is not yet posted', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    await startCampaignOf(bench.store, { campaignId: 'autumn' });
    const attemptId = await posted(bench, 'OUT-1');
    await bench.store.recordEnded({ attemptId, status: 'success', reason: '' });
    const claim = await bench.claimed('autumn');
    await bench.store.recordDisposition(report(attemptId, { disposition: 'opted-out' }));
    expect(await bench.store.beginPosting(claim)).toMatchObject({ kind: 'refused', reason: 'on the suppression list' });
    expect(await bench.contacts()).toMatchObject([{ state: 'suppressed', reason: 'opted-out' }]);
    await bench.store.recordDisposition(report(attemptId, { disposition: 'human' }));
    expect(await bench.contacts()).toMatchObject([{ state: 'suppressed' }]);
    expect(await bench.claim('autumn')).toMatchObject({ kind: 'none' });
  });

  it('ends an ambiguous attempt, and one whose request is still on its way when it becomes ambiguous', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { contacts: [contactOf(1), contactOf(2)] });
    const ambiguous = await bench.claimed();
    await bench.store.beginPosting(ambiguous);
    await bench.store.recordAmbiguous({ ...ambiguous, reason: 'timeout' });
    await bench.store.recordDisposition(report(ambiguous.attemptId, {}));
    const posting = await bench.claimed();
    await bench.store.beginPosting(posting);
    await bench.store.recordDisposition(report(posting.attemptId, {}));
    await bench.store.recordAmbiguous({ ...posting, reason: 'timeout' });
    expect(await bench.store.progress('spring')).toMatchObject({ contacts: { done: 2 }, attempts: { ended: 2 } });
    await bench.store.recordPosted({ attemptId: posting.attemptId, callSid: 'OUT-late' });
    expect(await bench.attempts()).toContainEqual(
      expect.objectContaining({ attemptId: posting.attemptId, callSid: 'OUT-late', state: 'ended' }),
    );
  });

  it('decides nothing about a contact that is called again, nor about a call that is made later', async () => {
    const bench = await open();
    await startCampaignOf(bench.store, { rules: { retryAfter: { busy: '1m' } } });
    const first = await bench.call('OUT-1', failed('OUT-1', 'busy'));
    bench.nowMs += HOUR_MS;
    const attemptId = await posted(bench, 'OUT-2');
    expect(await bench.store.recordDisposition(report(first.attemptId, {}))).toMatchObject({
      contactState: 'dialling',
    });
    await bench.store.recordEnded({ attemptId, status: 'failure', reason: 'busy' });
    expect(await bench.contacts()).toMatchObject([{ state: 'waiting', reason: 'busy' }]);

    await startCampaignOf(bench.store, { campaignId: 'autumn', rules: { retryAfter: { busy: '1m' } } });
    const claim = await bench.claimed('autumn');
    await bench.store.recordDisposition(report(claim.attemptId, {}));
    bench.nowMs += 31_000;
    await bench.store.upkeep('autumn');
    const again = await posted(bench, 'OUT-3', 'autumn');
    expect(again).toBe(claim.attemptId);
    await bench.store.recordEnded({ attemptId: again, status: 'failure', reason: 'busy' });
    expect(await bench.contacts('autumn')).toMatchObject([{ state: 'waiting', reason: 'busy' }]);
  });

  it('is refused when it says nothing that can be used, and names the field', async () => {
    const bench = await open();
    await startCampaignOf(bench.store);
    const { attemptId } = await bench.call('OUT-1', succeeded('OUT-1'));
    const invalid = async (given: object): Promise<void> =>
      await bench.store.recordDisposition({ ...report(attemptId, {}), ...given }).then(
        () => expect.unreachable(),
        (error: unknown) => {
          expect(error).toBeInstanceOf(TypeError);
          throw error;
        },
      );
    await expect(invalid({ disposition: 'maybe' })).rejects.toThrow('disposition: ');
    await expect(invalid({ disposition: 'call-back' })).rejects.toThrow('callBackAt: must be given');
    await expect(invalid({ callBackAt: '2026-07-03T16:00:00Z' })).rejects.toThrow('callBackAt: must be given');
    await expect(invalid({ disposition: 'call-back', callBackAt: '2026-07-03T16:00' })).rejects.toThrow('callBackAt: ');
    await expect(invalid({ disposition: 'call-back', callBackAt: '2028-07-03T16:00:00Z' })).rejects.toThrow('a year');
    await expect(invalid({ source: '' })).rejects.toThrow('source: ');
    await expect(invalid({ notes: 'angry' })).rejects.toThrow('notes');
    await expect(bench.store.recordDisposition(report('none', {}))).rejects.toMatchObject({ code: 'not-found' });
    expect(await bench.contacts()).toMatchObject([{ state: 'done', reason: 'answered' }]);
  });
});
