import { describe, expect, it } from 'vitest';

import { checkAccountLimits, isCampaignId } from '../../../src/contract/campaign.js';
import { DEFAULT_CAMPAIGN_RULES, parseCampaignRules } from '../../../src/contract/campaign-rules.js';

const WINDOW = { days: ['mon'], from: '09:00', until: '18:00' };

describe('the rules of a campaign', () => {
  it('are the defaults where nothing is given', () => {
    expect(parseCampaignRules({})).toEqual(DEFAULT_CAMPAIGN_RULES);
    expect(parseCampaignRules({ maxAttempts: undefined })).toEqual(DEFAULT_CAMPAIGN_RULES);
  });

  it('stay as they were where nothing is given', () => {
    const before = parseCampaignRules({ maxAttempts: 7, retryAfter: { busy: '1m' } });
    const after = parseCampaignRules({ retryAfter: { 'no-answer': '2h' }, requireConsent: false }, before);
    expect(after).toMatchObject({ maxAttempts: 7, requireConsent: false });
    expect(after.retryAfterMs).toMatchObject({ busy: 60_000, 'no-answer': 7_200_000 });
  });

  it('take what every field takes', () => {
    const rules = parseCampaignRules({
      windows: [{ ...WINDOW, days: ['tue', 'mon'], until: '24:00' }],
      ...{ holidays: ['2028-02-29'], closeMargin: '90 s', maxCallsPer24h: 1, maxCallsPer7d: 2 },
      ...{ stopAfterFailures: 1, stopAfterAmbiguous: 1, deadline: '2026-12-31T18:00:00+01:00' },
    });
    expect(rules.windows).toEqual([{ days: ['mon', 'tue'], from: '09:00', until: '24:00' }]);
    expect(rules).toMatchObject({ closeMarginMs: 90_000, deadlineMs: Date.parse('2026-12-31T17:00:00Z') });
  });

  it.each<[given: unknown, message: string]>([
    [null, 'rules must be an object'],
    [{ maxAttempt: 3 }, 'maxAttempt is not a rule; known are windows'],
    [{ maxAttempts: 0 }, 'maxAttempts must be a whole number from 1 to 20'],
    [{ windows: WINDOW }, 'windows must be a list'],
    [{ windows: [{ ...WINDOW, days: ['Monday'] }] }, 'days must be some of mon, tue'],
    [{ windows: [{ ...WINDOW, from: '9:00' }] }, 'from must be a time such as "09:00"'],
    [{ windows: [{ ...WINDOW, until: '24:30' }] }, 'until must be a time'],
    [{ windows: [{ ...WINDOW, from: '22:00', until: '06:00' }] }, 'for a night give two windows'],
    [{ holidays: ['2026-02-29'] }, 'holidays must be days'],
    [{ closeMargin: '5' }, 'closeMargin must be a number of milliseconds'],
    [{ retryAfter: { answered: '1h' } }, 'retryAfter.answered: known are no-answer'],
    [{ requireConsent: 'no' }, 'requireConsent must be true or false'],
    [{ deadline: '2026-12-31' }, 'deadline must be a time with a zone'],
  ])('reject %j', (given, message) => {
    expect(() => parseCampaignRules(given)).toThrow(message);
  });
});

describe('the limits of an account', () => {
  it.each([{ callsAtOnce: 0 }, { callsAtOnce: 1.5 }, { callsPerSecond: 0 }, { callsASecond: 1 }, null])(
    'reject %j',
    (limits) => {
      expect(() => checkAccountLimits(limits)).toThrow(TypeError);
    },
  );

  it('accept fractions of a call a second', () => {
    expect(() => checkAccountLimits({ callsAtOnce: 3, callsPerSecond: 0.2 })).not.toThrow();
  });
});

it.each([
  ['spring-2026', true],
  ['', false],
  ['-x', false],
  ['a/b', false],
  ['x'.repeat(65), false],
])('the campaign ID %j is valid: %s', (campaignId, isValid) => {
  expect(isCampaignId(campaignId)).toBe(isValid);
});
