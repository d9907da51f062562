import { describe, expect, test } from 'vitest';

import type { PlanProgress } from '../../../../src/campaigns/plan/campaign-plan.js';
import { PlanContacts } from '../../../../src/campaigns/plan/contacts.js';
import { planQueue } from '../../../../src/campaigns/plan/queue.js';
import { rulesInForce } from '../../../../src/campaigns/store-transaction.js';
import { parseCampaignRules } from '../../../../src/contract/parse-campaign-rules.js';
import { OPEN_RULES } from '../../../support/campaign-samples.js';

const FROM_MS = Date.parse('2026-07-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const inForce = rulesInForce({ rules: parseCampaignRules(OPEN_RULES), packaged: null });

/** Waiting contacts, some of them deferred. */
function contactsOf(entries: readonly { readonly dueAtMs: number; readonly deferredUntilMs?: number }[]): PlanContacts {
  const contacts = new PlanContacts(entries.length);
  for (const [index, { dueAtMs, deferredUntilMs }] of entries.entries()) {
    const row = { time_zones: 'Etc/UTC', regions: '', consent: 'form', state: 'waiting', reason: '' } as const;
    const due = { contact_id: `c-${index}`, number: '', not_before: dueAtMs, due_at: dueAtMs };
    const deferral = deferredUntilMs === undefined ? undefined : { untilMs: deferredUntilMs, reason: 'a deferral' };
    contacts.add({ ...row, ...due }, { reason: '', deferral });
  }
  return contacts;
}

describe('the queue of a plan', () => {
  test('dials each contact when it is due, no deferral holds it and the account is free', async () => {
    const contacts = contactsOf([
      { dueAtMs: FROM_MS + 2 * HOUR_MS },
      { dueAtMs: FROM_MS },
      { dueAtMs: FROM_MS, deferredUntilMs: FROM_MS + 2 * HOUR_MS - 30_000 },
      { dueAtMs: FROM_MS, deferredUntilMs: Infinity },
      { dueAtMs: FROM_MS, deferredUntilMs: FROM_MS },
      { dueAtMs: FROM_MS, deferredUntilMs: FROM_MS + 9 * HOUR_MS },
    ]);
    const untilMs = FROM_MS + 8 * HOUR_MS;
    const { dial, later, never } = await planQueue(contacts, {
      inForce,
      fromMs: FROM_MS,
      untilMs,
      intervalMs: HOUR_MS,
    });
    expect([dial, later, never]).toEqual([[1, 4, 2, 0], [5], [3]]);
    expect(dial.map((index) => (contacts.dueAt[index]! - FROM_MS) / HOUR_MS)).toEqual([0, 1, 2, 3]);
    expect([0, 1, 2, 3, 4, 5].map((index) => contacts.reasonOf(index))).toEqual([
      ...['the limits of the account', '', 'a deferral', 'a deferral', 'the limits of the account', 'a deferral'],
    ]);
  });

  test('says that the limits hold up who could have been called before the window closed', async () => {
    const office = { ...OPEN_RULES, windows: [{ days: ['wed', 'thu'], from: '09:00', until: '17:00' }] } as const;
    const pace = {
      inForce: rulesInForce({ rules: parseCampaignRules(office), packaged: null }),
      ...{ fromMs: FROM_MS, untilMs: FROM_MS + 24 * HOUR_MS, intervalMs: HOUR_MS },
    };
    const reasonsOf = async (dueAtMs: readonly number[]): Promise<string[]> => {
      const contacts = contactsOf(dueAtMs.map((at) => ({ dueAtMs: at })));
      const { dial, later } = await planQueue(contacts, pace);
      return [...dial, ...later].map((index) => contacts.reasonOf(index));
    };
    // Five are called today, the next one tomorrow as soon as the window opens, and the last one after the plan.
    const limits = Array.from({ length: 8 }, () => 'the limits of the account');
    expect(await reasonsOf(Array.from({ length: 9 }, () => FROM_MS))).toEqual(['', ...limits]);
    expect(await reasonsOf([FROM_MS + 6 * HOUR_MS])).toEqual(['the calling window is closed']);
  });

  test('lets other work run, says how far it is, and stops when it is told to', async () => {
    const contacts = contactsOf(Array.from({ length: 30_000 }, () => ({ dueAtMs: FROM_MS })));
    const stop = new AbortController();
    const seen: PlanProgress[] = [];
    const onProgress = (progress: PlanProgress): void => {
      seen.push(progress);
      setImmediate(() => stop.abort(new Error('enough')));
    };
    const pace = { fromMs: FROM_MS, untilMs: FROM_MS + 100 * HOUR_MS, intervalMs: 1_000 };
    await expect(planQueue(contacts, { inForce, ...pace, signal: stop.signal, onProgress })).rejects.toThrow('enough');
    expect(seen).toEqual([{ contacts: 30_000, upTo: '2026-07-01T14:46:39.000Z' }]);
  });
});
