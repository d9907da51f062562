import { describe, expect, it, test } from 'vitest';

import {
  countsAsAttempt,
  dispositionOf,
  planAfterAttempt,
  classifyDisposition,
} from '../../../src/campaigns/attempt-plan.js';
import { DEFAULT_CAMPAIGN_RULES as rules } from '../../../src/contract/campaign-rules.js';
import { DISPOSITIONS } from '../../../src/contract/disposition.js';

const HOUR_MS = 3_600_000;

describe('the disposition of a call', () => {
  it.each([
    ['success', '', 'answered'],
    ['failure', 'No answer', 'no-answer'],
    ['failure', 'busy', 'busy'],
    ['failure', 'voicemail detected', 'voicemail'],
    ['failure', 'call was declined', 'rejected'],
    ['failure', 'unallocated number', 'invalid-number'],
    ['failure', 'call queueing: max timeout limit exceeded', 'vendor-queue'],
    ['failure', '', 'unclassified'],
    ['failure', 'agent crashed', 'unclassified'],
    [undefined, 'the monitor was terminated', 'unknown'],
  ] as const)('that ended in %s with "%s" is %s', (status, reason, disposition) => {
    expect(dispositionOf(status, reason)).toBe(disposition);
  });
});

describe('after an attempt', () => {
  const after = (disposition: (typeof DISPOSITIONS)[number], attempts = 1) =>
    planAfterAttempt({ disposition, attempts, rules, endedMs: 0, callBackMs: 7 * HOUR_MS });

  it('a contact that was reached is done', () => {
    expect(after('answered')).toEqual({ state: 'done', reason: 'answered' });
    expect(after('human')).toEqual({ state: 'done', reason: 'human' });
  });

  it('one that asked for it is called at its time, and one that opted out never', () => {
    expect(after('call-back')).toEqual({ state: 'waiting', reason: 'call-back', notBeforeMs: 7 * HOUR_MS });
    expect(after('call-back', 3)).toEqual({ state: 'failed', reason: 'call-back; no attempt is left' });
    expect(after('opted-out')).toEqual({ state: 'suppressed', reason: 'opted-out' });
  });

  it('one that was not waits for the pause of the disposition', () => {
    expect(after('busy')).toEqual({ state: 'waiting', reason: 'busy', notBeforeMs: HOUR_MS / 2 });
    expect(after('no-answer', 2)).toEqual({ state: 'waiting', reason: 'no-answer', notBeforeMs: 4 * HOUR_MS });
  });

  it('one without an attempt left has failed', () => {
    expect(after('busy', 3)).toEqual({ state: 'failed', reason: 'busy; no attempt is left' });
  });

  it('one whose number cannot be called has failed at once', () => {
    expect(after('invalid-number')).toEqual({ state: 'failed', reason: 'invalid-number' });
  });

  it('one that PolyAI never called waits, whatever its attempts', () => {
    expect(after('vendor-queue', 99)).toMatchObject({ state: 'waiting', notBeforeMs: 0 });
    expect(countsAsAttempt('vendor-queue')).toBe(false);
  });

  it('every disposition has a plan that ends: no contact is called for ever', () => {
    for (const disposition of DISPOSITIONS.filter(countsAsAttempt)) {
      expect(['done', 'failed', 'suppressed']).toContain(after(disposition, rules.maxAttempts).state);
    }
  });
});

test('the absence of a person is no failure of the campaign', () => {
  expect(DISPOSITIONS.filter((disposition) => classifyDisposition(disposition) === 'failure')).toEqual([
    ...['rejected', 'unclassified', 'unknown', 'invalid-number'],
  ]);
});
