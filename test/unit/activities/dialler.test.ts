import { afterEach, expect, test, vi } from 'vitest';

import type { AccountClients } from '../../../src/activities/accounts.js';
import { Dialler, RECORD_FOR_MS } from '../../../src/activities/dialler.js';
import type { CampaignStore, NotSent } from '../../../src/campaigns/store.js';
import type { PolyAiClient } from '../../../src/polyai/client.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Dials with a stop of the process, before the answer of the last check or in the wait for the request limiter. */
async function dialWith(stops: { readonly inCheckMs?: number; readonly inLimiterMs?: number }) {
  let nowMs = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const notSent: NotSent[] = [];
  let requests = 0;
  const store = {
    beginPosting: () => {
      nowMs += stops.inCheckMs ?? 0;
      return Promise.resolve({ kind: 'post', account: undefined, number: '+447700900001', variables: {} });
    },
    recordNotSent: (attempt: NotSent) => Promise.resolve(void notSent.push(attempt)),
    recordAmbiguous: () => Promise.resolve(),
  } as unknown as CampaignStore;
  const triggerCall: PolyAiClient['triggerCall'] = async (_call, options) => {
    nowMs += stops.inLimiterMs ?? 0;
    options?.beforeWrite?.();
    requests += 1;
    throw new Error('the connection is lost');
  };
  const clients = { polyAi: { triggerCall } } as unknown as AccountClients;
  const claim = { attemptId: 'a', contactId: 'c', attempt: 1, owner: 'o' };
  const result = await new Dialler(store, clients).dial(claim, 'spring');
  return { result, requests, notSent };
}

test.each([{ inCheckMs: 3_600_000 }, { inLimiterMs: 5_001 }, { inCheckMs: 3_000, inLimiterMs: 3_000 }])(
  'nothing is sent long after the last check: %j',
  async (stops) => {
    const { result, requests, notSent } = await dialWith(stops);
    const reason = 'not sent: too long after the last check';
    expect(requests).toBe(0);
    expect(result).toEqual({ kind: 'not-dialled', reason, retryAt: expect.any(String) as string });
    expect(notSent).toEqual([{ attemptId: 'a', owner: 'o', then: 'again', reason }]);
  },
);

test('a contact whose claim is refused is due again: the next claim says when', async () => {
  const beginPosting = () => Promise.resolve({ kind: 'refused', reason: 'the rules were changed in between' });
  const dialler = new Dialler({ beginPosting } as unknown as CampaignStore, {});
  const result = await dialler.dial({ attemptId: 'a', contactId: 'c', attempt: 1, owner: 'o' }, 'spring');
  expect(result).toMatchObject({ kind: 'not-dialled', reason: 'the rules were changed in between' });
  expect(result).toHaveProperty('retryAt');
});

test('a request soon after the last check is sent', async () => {
  const { result, requests } = await dialWith({ inCheckMs: 1_000, inLimiterMs: 3_000 });
  expect(requests).toBe(1);
  expect(result).toMatchObject({ kind: 'ambiguous' });
});

test.each([
  ['gives no answer', () => new Promise<void>(() => undefined)],
  ['fails', () => Promise.reject(new Error('the store is away'))],
  ['fails late', () => new Promise<void>((_, reject) => setTimeout(() => reject(new Error('away')), 9_000))],
])('what became of a request is given up after a minute when the store %s', async (_, recordAmbiguous) => {
  vi.useFakeTimers();
  const posting = { kind: 'post', account: undefined, number: '+447700900001', variables: {} };
  const beginPosting = () => Promise.resolve(posting);
  const store = { beginPosting, recordAmbiguous } as unknown as CampaignStore;
  const triggerCall = () => Promise.reject(new Error('the connection is lost'));
  const dialler = new Dialler(store, { polyAi: { triggerCall } } as unknown as AccountClients);
  const startedAtMs = performance.now();
  const dialling = dialler.dial({ attemptId: 'a', contactId: 'c', attempt: 1, owner: 'o' }, 'spring');
  const tookMs = dialling.catch(() => performance.now() - startedAtMs);
  await vi.advanceTimersByTimeAsync(2 * RECORD_FOR_MS);
  expect(await tookMs).toBeGreaterThanOrEqual(RECORD_FOR_MS - 5_000);
  expect(await tookMs).toBeLessThanOrEqual(RECORD_FOR_MS);
});
