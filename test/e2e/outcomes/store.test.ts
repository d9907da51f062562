import { describe, expect, it } from 'vitest';

import type { OutcomeRecord, StoredOutcome } from '../../../src/contract/outcome.js';
import type { OutcomeQuery, OutcomeStore } from '../../../src/outcomes.js';
import { failed, succeeded, unseen } from '../../support/outcome-samples.js';
import { open, useStores } from './stores-under-test.js';

async function listed(store: OutcomeStore, query?: OutcomeQuery): Promise<string[]> {
  const callSids: string[] = [];
  for await (const { callSid } of store.list(query)) callSids.push(callSid);
  return callSids;
}

describe.each(useStores())('the outcome store on $name', ({ freshUrl }) => {
  it('gives back what was saved, to the last field', async () => {
    const store = await open(await freshUrl());
    const samples = [succeeded('OUT-1'), failed('OUT-2'), unseen('OUT-3'), unseen('OUT-4', { account: 'sales' })];
    for (const outcome of samples) {
      const before = Date.now();
      const stored = await store.save(outcome);
      expect(stored).toEqual({ ...outcome, savedAt: stored.savedAt });
      expect(Date.parse(stored.savedAt)).toBeGreaterThanOrEqual(before);
      expect(await store.get(outcome.callSid)).toEqual(stored);
    }
    expect(await store.get('OUT-unknown')).toBeUndefined();
  });

  it('keeps what it was given when it is opened again', async () => {
    const url = await freshUrl();
    const first = await open(url);
    const stored = await first.save(succeeded('OUT-1'));
    await first.close();
    expect(await (await open(url)).get('OUT-1')).toEqual(stored);
  });

  it('is made once by many who open it at the same moment', async () => {
    for (let round = 0; round < 3; round += 1) {
      const url = await freshUrl();
      const stores = await Promise.all(Array.from({ length: 8 }, () => open(url)));
      await Promise.all(stores.map((store, index) => store.save(succeeded(`OUT-${index}`))));
      expect(await listed(stores[0]!)).toHaveLength(8);
      await Promise.all(stores.map((store) => store.close()));
    }
  });

  it('answers a save that is done twice as it did at first', async () => {
    const store = await open(await freshUrl());
    const stored = await store.save(succeeded('OUT-1'));
    expect(await store.save(succeeded('OUT-1'))).toEqual(stored);
    expect(await listed(store)).toEqual(['OUT-1']);
  });

  it.each<[what: string, later: OutcomeRecord]>([
    ['one without a final status', unseen('OUT-1')],
    ['another final one', failed('OUT-1')],
    ['the same status, seen by another run', succeeded('OUT-1', { runId: 'run-2', polls: 1 })],
  ])('never puts %s in place of a final outcome', async (_what, later) => {
    const store = await open(await freshUrl());
    const stored = await store.save(succeeded('OUT-1'));
    expect(await store.save(later)).toEqual(stored);
    expect(await store.get('OUT-1')).toEqual(stored);
  });

  it('puts any later outcome in place of one without a final status', async () => {
    const store = await open(await freshUrl());
    await store.save(unseen('OUT-1'));
    const expired = unseen('OUT-1', { ending: { type: 'Cancelled', message: 'by hand' }, runId: 'run-2' });
    expect(await store.save(expired)).toMatchObject(expired);
    const stored = await store.save(failed('OUT-1'));
    expect(stored).toEqual({ ...failed('OUT-1'), savedAt: stored.savedAt });
    expect(await listed(store)).toEqual(['OUT-1']);
  });

  it('never puts one that knows nothing of the call in place of one that does', async () => {
    const store = await open(await freshUrl());
    const lastObservation = {
      status: 'calling',
      rawStatus: 'calling',
      reason: '',
      observedAt: '2026-01-31T12:01:00.000Z',
    };
    const expired = unseen('OUT-1', { lastObservation, ending: { type: 'CallStatusExpired', message: 'forgotten' } });
    const stored = await store.save(expired);
    expect(await store.save(unseen('OUT-1', { runId: 'run-2' }))).toEqual(stored);
    expect(await store.save(unseen('OUT-1', { lastObservation, runId: 'run-3' }))).toMatchObject({ runId: 'run-3' });
  });

  it('gives one answer to all who save one call at once', async () => {
    const store = await open(await freshUrl());
    const outcomes = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? unseen('OUT-1') : succeeded('OUT-1', { runId: `run-${index}` }),
    );
    const answers = await Promise.all(outcomes.map((outcome) => store.save(outcome)));
    const final = answers.filter(({ status }) => status !== undefined);
    expect(final.length).toBeGreaterThanOrEqual(10);
    for (const answer of final) expect(answer).toEqual(await store.get('OUT-1'));
  });

  it('takes text that databases do not like, and times of any zone', async () => {
    const store = await open(await freshUrl());
    const odd = 'a\0b \ud800 c \u{1F4DE} \'"; DROP TABLE outcomes; --\r\n';
    const stored = await store.save({
      ...failed('OUT-1', odd),
      timeline: [{ status: odd, at: '2026-01-31T12:00:00.100Z' }],
      startedAt: '2026-01-31T13:00:00+01:00',
    });
    const clean = odd.replace('\0', '\uFFFD').replace('\ud800', '\uFFFD');
    expect(stored.reason).toBe(clean);
    expect(stored.timeline[0]?.status).toBe(clean);
    expect(stored.startedAt).toBe('2026-01-31T12:00:00.000Z');
    expect(await store.get('OUT-1')).toEqual(stored);
  });

  it.each([NaN, null, -1, 1.5, Infinity] as unknown as number[])(
    'saves an outcome whose number of polls is %s',
    async (polls) => {
      const store = await open(await freshUrl());
      const stored = await store.save(succeeded('OUT-1', { polls }));
      expect(stored).toEqual({ ...succeeded('OUT-1'), polls: 0, savedAt: stored.savedAt });
    },
  );

  it('takes NUL in every text, also in a query', async () => {
    const store = await open(await freshUrl());
    const lastObservation = { status: 'a\0', rawStatus: 'A\0', reason: 'r\0', observedAt: '2026-01-31T12:01:00.000Z' };
    const odd = unseen('OUT-1', { account: 'sales\0', lastObservation, workflowId: 'w\0', runId: 'r\0' });
    const stored = await store.save({ ...odd, ending: { type: 'Cancelled', message: 'by\0hand' } });
    expect(JSON.stringify(stored)).not.toContain('u0000');
    expect(stored.lastObservation?.rawStatus).toBe('A\uFFFD');
    expect(await listed(store, { account: 'sales\0' })).toEqual(['OUT-1']);
    expect(await store.get('OUT-1\0')).toBeUndefined();
  });

  it('refuses what is no outcome, and saves those that came with it', async () => {
    const store = await open(await freshUrl());
    const wrong = { ...succeeded('OUT-2'), reason: undefined } as unknown as OutcomeRecord;
    const saves = [succeeded('OUT-1'), wrong, succeeded('OUT-3')].map((outcome) => store.save(outcome));
    const results = await Promise.allSettled(saves);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await listed(store)).sort()).toEqual(['OUT-1', 'OUT-3']);
  });

  it('says that it can be written to, and leaves nothing behind by that', async () => {
    const store = await open(await freshUrl());
    await store.check();
    await store.check();
    expect(await listed(store)).toEqual([]);
  });

  it('says that it is closed', async () => {
    const store = await open(await freshUrl());
    const last = store.save(succeeded('OUT-1'));
    await store.close();
    await store.close();
    expect(await last).toMatchObject({ callSid: 'OUT-1' });
    await expect(store.save(succeeded('OUT-2'))).rejects.toThrow('is closed');
    await expect(store.get('OUT-1')).rejects.toThrow('is closed');
  });

  describe('lists', () => {
    const saved: StoredOutcome[] = [];

    async function filled(): Promise<OutcomeStore> {
      const store = await open(await freshUrl());
      saved.length = 0;
      for (const outcome of [succeeded('OUT-1'), failed('OUT-2'), unseen('OUT-3'), failed('OUT-4')]) {
        saved.push(await store.save(outcome));
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
      return store;
    }

    it('newest first', async () => {
      expect(await listed(await filled())).toEqual(['OUT-4', 'OUT-3', 'OUT-2', 'OUT-1']);
    });

    it('what was asked for', async () => {
      const store = await filled();
      const [, second, third] = saved.map(({ savedAt }) => savedAt);
      expect(await listed(store, { status: 'success' })).toEqual(['OUT-1']);
      expect(await listed(store, { status: 'failure' })).toEqual(['OUT-4', 'OUT-2']);
      expect(await listed(store, { status: 'none' })).toEqual(['OUT-3']);
      expect(await listed(store, { account: 'sales' })).toEqual(['OUT-4', 'OUT-2']);
      expect(await listed(store, { since: second, until: third })).toEqual(['OUT-2']);
      expect(await listed(store, { limit: 2 })).toEqual(['OUT-4', 'OUT-3']);
      expect(await listed(store, { limit: 0 })).toEqual([]);
      expect(await listed(store, { status: 'failure', account: 'sales', since: third, limit: 5 })).toEqual(['OUT-4']);
      expect(await listed(store, { account: "' OR 1=1 --" })).toEqual([]);
    });

    it('nothing for a time that is none', async () => {
      await expect(listed(await filled(), { since: 'yesterday' })).rejects.toThrow('not ISO 8601');
    });

    it('each outcome once over many pages, though others are saved meanwhile', async () => {
      const store = await open(await freshUrl());
      const callSids = Array.from({ length: 1_000 }, (_, index) => `OUT-${index}`);
      for (let from = 0; from < callSids.length; from += 100) {
        await Promise.all(callSids.slice(from, from + 100).map((callSid) => store.save(succeeded(callSid))));
      }
      const seen: string[] = [];
      for await (const { callSid } of store.list()) {
        seen.push(callSid);
        if (seen.length % 100 === 0) await store.save(succeeded(`OUT-late-${seen.length}`));
      }
      expect(seen.filter((callSid) => !callSid.startsWith('OUT-late')).sort()).toEqual(callSids.sort());
      expect(new Set(seen).size).toBe(seen.length);
      expect(await listed(store)).toHaveLength(1_010);
    });
  });
});
