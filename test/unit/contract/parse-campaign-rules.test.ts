import { describe, expect, it } from 'vitest';

import { checkAccountLimits, isCampaignId } from '../../../src/contract/campaign.js';
import { DEFAULT_CAMPAIGN_RULES } from '../../../src/contract/campaign-rules.js';
import { parseCampaignRules } from '../../../src/contract/parse-campaign-rules.js';

const FRANCE = {
  region: 'FR',
  windows: [{ days: ['mon'], from: '10:00', until: '13:00' }],
  sources: [{ citation: 'counsel' }],
};
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

  it('take null, which clients in other languages send, for left out, and for no deadline', () => {
    const before = parseCampaignRules({ maxAttempts: 7, deadline: '2026-12-31T18:00:00Z' });
    expect(parseCampaignRules({ maxAttempts: null, windows: null, regional: null }, before)).toEqual(before);
    expect(parseCampaignRules({ deadline: null }, before)).toEqual({ ...before, deadlineMs: null });
    expect(() => checkAccountLimits({ callsAtOnce: null })).not.toThrow();
  });

  it('take what every field takes', () => {
    const rules = parseCampaignRules({
      windows: [{ ...WINDOW, days: ['tue', 'mon'], until: '24:00' }],
      ...{ holidays: ['2028-02-29'], closeMargin: '90 s', maxCallsPer24h: 1, maxCallsPer7d: 2 },
      ...{ stopAfterFailures: 1, stopAfterAmbiguous: 1, weight: 100, deadline: '2026-12-31T18:00:00+01:00' },
    });
    expect(rules.windows).toEqual([{ days: ['mon', 'tue'], from: '09:00', until: '24:00' }]);
    expect(rules).toMatchObject({ closeMarginMs: 90_000, deadlineMs: Date.parse('2026-12-31T17:00:00Z') });
  });

  it('have regional rules that are left out stay as they were', () => {
    const own = [{ ...FRANCE, holidays: ['07-14', 'easter+1', '12-25 observed'], maxCallsPer24h: 1, note: 'ours' }];
    const rules = parseCampaignRules({ regional: { own } });
    expect(rules.regional).toEqual({ packaged: true, own });
    expect(parseCampaignRules({ regional: { packaged: false } }, rules).regional).toEqual({ packaged: false, own });
    expect(parseCampaignRules({ regional: { own: [] } }, rules).regional).toEqual({ packaged: true, own: [] });
  });

  it.each<[given: unknown, message: string]>([
    [null, 'rules must be an object'],
    [{ maxAttempt: 3 }, 'maxAttempt is not a rule; known are windows'],
    [{ maxAttempts: 0 }, 'maxAttempts must be a whole number from 1 to 20'],
    [{ weight: 0 }, 'weight must be a whole number from 1 to 100'],
    [{ weight: 101 }, 'weight must be a whole number from 1 to 100'],
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
    [{ regional: false }, 'regional must be an object such as'],
    [{ regional: { off: true } }, 'regional has no field off; known are packaged, own'],
    [{ regional: { packaged: 'no' } }, 'regional.packaged must be true or false'],
    [{ regional: { own: [{ ...FRANCE, region: 'France' }] } }, 'regional.own[0].region must be a code of ISO 3166'],
    [{ regional: { own: [{ ...FRANCE, hours: [] }] } }, 'regional.own[0] has no field hours; known are region'],
    [{ regional: { own: [{ ...FRANCE, windows: [{}] }] } }, 'regional.own[0].windows: days must be some of mon'],
    [{ regional: { own: [{ ...FRANCE, holidays: ['02-30'] }] } }, 'regional.own[0].holidays must be days such as'],
    [{ regional: { own: [{ ...FRANCE, holidays: ['5th mon of 05'] }] } }, 'regional.own[0].holidays must be days'],
    [{ regional: { own: [{ ...FRANCE, maxCallsPer24h: 0 }] } }, 'regional.own[0].maxCallsPer24h must be a whole'],
    [{ regional: { own: [{ ...FRANCE, sources: [] }] } }, 'regional.own[0].sources must say where the rule comes'],
    [{ regional: { own: [{ ...FRANCE, sources: [{ citation: ' ' }] }] } }, 'sources[0].citation must be text'],
    [{ regional: { own: [{ ...FRANCE, sources: [{ citation: 'x', consulted: 'May' }] }] } }, 'consulted must be a day'],
    [{ regional: { own: [FRANCE, FRANCE] } }, 'regional.own has two rules for FR: make them one'],
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
