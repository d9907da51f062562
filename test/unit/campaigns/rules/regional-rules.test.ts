import { describe, expect, it, test } from 'vitest';

import { CallingWindows } from '../../../../src/campaigns/rules/calling-windows.js';
import { parseRegion } from '../../../../src/campaigns/rules/contact-regions.js';
import {
  latestRegionalRules,
  packagedRegionalRules,
  RegionalRules,
  regionalRulesInForce,
} from '../../../../src/campaigns/rules/regional-rules.js';
import { isCalendarDay } from '../../../../src/contract/rule-fields.js';
import { parseCampaignRules } from '../../../../src/contract/parse-campaign-rules.js';
import type { RegionalRule } from '../../../../src/contract/regional-rules.js';
import { PACKAGED } from '../../../support/regional-rules.js';

const { edition, rules } = packagedRegionalRules();
const DAILY = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

function ruleOf(region: string, given: Partial<RegionalRule> = {}): RegionalRule {
  return {
    region,
    windows: [{ days: DAILY, from: '10:00', until: '12:00' }],
    sources: [{ citation: 'counsel' }],
    ...given,
  };
}

describe('the regional rules of the package', () => {
  it('say for each region where they come from, and when that was read', () => {
    expect(rules.length).toBeGreaterThan(20);
    for (const { region, sources } of rules) {
      expect(parseRegion(region), region).toBe(region);
      for (const { citation, url, consulted } of sources) {
        expect(citation.length, region).toBeGreaterThan(5);
        expect(new URL(url!).protocol, region).toMatch(/^https?:$/);
        expect(isCalendarDay(consulted) && consulted <= edition, region).toBe(true);
      }
    }
  });

  it('are what the file has, in the order of the regions', () => {
    expect({ edition, rules }).toEqual({ edition: PACKAGED.edition, rules: PACKAGED.rules });
    expect(isCalendarDay(edition)).toBe(true);
    const regions = rules.map(({ region }) => region);
    expect(regions).toEqual([...regions].sort());
  });

  it.each([
    // 21:00 in New York, and 20:30 in Miami.
    ['US-NY', 'America/New_York', '2026-07-02T01:00:00Z', 'closed'],
    ['US-NY', 'America/New_York', '2026-07-02T00:59:00Z', 'open'],
    ['US-FL', 'America/New_York', '2026-07-02T00:30:00Z', 'closed'],
    ['US-FL', 'America/New_York', '2026-07-01T23:59:00Z', 'open'],
    // Sunday before and after noon in Houston.
    ['US-TX', 'America/Chicago', '2026-07-05T16:59:00Z', 'closed'],
    ['US-TX', 'America/Chicago', '2026-07-05T17:00:00Z', 'open'],
    // Lunch in Paris, and the 14th of July.
    ['FR', 'Europe/Paris', '2026-07-01T11:30:00Z', 'closed'],
    ['FR', 'Europe/Paris', '2026-07-01T12:00:00Z', 'open'],
    ['FR', 'Europe/Paris', '2026-07-14T12:00:00Z', 'closed'],
    // The fourth of July is a Saturday in 2026.
    ['US-UT', 'America/Denver', '2026-07-03T18:00:00Z', 'closed'],
    ['US-ID', 'America/Denver', '2026-07-03T18:00:00Z', 'open'],
    ['DE', 'Europe/Berlin', '2026-07-05T02:00:00Z', 'open'],
  ])('in %s, %s at %s: %s', (region, zone, time, kind) => {
    const always = parseCampaignRules({ windows: [{ days: DAILY, from: '00:00', until: '24:00' }], closeMargin: 0 });
    const windows = new CallingWindows(always, new RegionalRules(rules));
    expect(windows.at({ timeZones: [zone], regions: [region] }, Date.parse(time)).kind).toBe(kind);
  });
});

describe('the rules for a contact', () => {
  const regional = new RegionalRules(['FR', 'US', 'US-FL', 'US-TX'].map((region) => ruleOf(region)));
  const regionsFor = (...regions: string[]) => regional.of(regions).map(({ region }) => region);

  it('are those of its region and of the country', () => {
    expect(regionsFor('US-FL')).toEqual(['US', 'US-FL']);
    expect(regionsFor('US-NY')).toEqual(['US']);
    expect(regionsFor('FR-75')).toEqual(['FR']);
  });

  it('are those of all regions in which it may be', () => {
    expect(regionsFor('FR', 'US-TX')).toEqual(['FR', 'US', 'US-TX']);
    expect(regionsFor('US')).toEqual(['US', 'US-FL', 'US-TX']);
    expect(regionsFor('DE')).toEqual([]);
    expect(regionsFor()).toEqual([]);
  });
});

test('a rule of your own replaces the packaged one of its region, or adds a region', () => {
  const own = [ruleOf('US-FL', { note: 'ours' }), ruleOf('DE')];
  const inForce = regionalRulesInForce({ packaged: true, own }, packagedRegionalRules());
  expect(inForce.filter(({ region }) => region === 'US-FL')).toEqual([own[0]]);
  expect(inForce).toHaveLength(rules.length + 1);
  expect(regionalRulesInForce({ packaged: false, own }, null)).toEqual(own);
});

test('an older version of the package leaves newer rules in force', () => {
  const newer = { edition: '2999-01-01', rules: [ruleOf('DE')] };
  expect(latestRegionalRules(newer)).toBe(newer);
  expect(latestRegionalRules({ ...newer, edition: '2020-01-01' })).toBe(packagedRegionalRules());
  expect(latestRegionalRules(null)).toBe(packagedRegionalRules());
});

describe('a contact that a region puts off', () => {
  const office = parseCampaignRules({ windows: [{ days: DAILY, from: '09:00', until: '21:00' }], closeMargin: 0 });
  const place = { timeZones: ['Etc/UTC'], regions: ['US-FL'] };
  const at = (time: string, regional: readonly RegionalRule[]) =>
    new CallingWindows(office, new RegionalRules(regional)).at(place, Date.parse(time));

  it('names the region that is closed when the campaign would call', () => {
    const until20 = ruleOf('US-FL', { windows: [{ days: DAILY, from: '08:00', until: '20:00' }] });
    const morning = ruleOf('US', { windows: [{ days: DAILY, from: '08:00', until: '21:00' }] });
    expect(at('2026-07-01T20:30:00Z', [morning, until20])).toMatchObject({
      kind: 'closed',
      regions: ['US-FL'],
      opensAt: Date.parse('2026-07-02T09:00:00Z'),
    });
    // At night it is the campaign that is closed.
    expect(at('2026-07-01T22:00:00Z', [morning, until20])).toMatchObject({ kind: 'closed', regions: [] });
    const late = ruleOf('US', { windows: [{ days: DAILY, from: '11:00', until: '21:00' }] });
    expect(at('2026-07-01T22:00:00Z', [late, until20])).toMatchObject({
      kind: 'closed',
      regions: ['US'],
      opensAt: Date.parse('2026-07-02T11:00:00Z'),
    });
  });

  it('is never called when a region allows nothing', () => {
    const nothing = ruleOf('US-FL', { windows: [] });
    expect(at('2026-07-01T12:00:00Z', [nothing])).toEqual({
      kind: 'never',
      reason: 'no calling window is open in Etc/UTC under the rules of US-FL within 400 days',
    });
  });
});
