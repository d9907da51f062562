import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { isTimeZone } from '../../../../src/campaigns/rules/calling-windows.js';
import { timeZonesOf } from '../../../../src/cli/contacts-file/number-time-zones.js';
import { parseNumber } from '../../../../src/cli/contacts-file/phone-number.js';

function zonesOf(number: string): readonly string[] {
  return timeZonesOf(parseNumber(number, undefined));
}

describe('the time zones that a number may be in', () => {
  it('are those of its area code', () => {
    expect(zonesOf('+12125550100')).toEqual(['America/New_York']);
    expect(zonesOf('+12082300100')).toEqual(['America/Denver']);
    expect(zonesOf('+12082000100')).toEqual(['America/Boise', 'America/Los_Angeles']);
    expect(zonesOf('+5592991234567')).toEqual(['America/Manaus']);
  });

  it('are all of the country where its digits say no more, and none for a number of no country', () => {
    expect(zonesOf('+34612345678')).toEqual(['Atlantic/Canary', 'Europe/Madrid']);
    expect(zonesOf('+61491570006')).toEqual(expect.arrayContaining(['Australia/Perth', 'Australia/Sydney']));
    expect(zonesOf('+18005550100').length).toBeGreaterThan(30);
    expect(zonesOf('+881612345678')).toEqual([]);
  });

  it('are time zones that calling windows know, for each prefix', () => {
    const file = new URL('../../../../src/cli/contacts-file/number-time-zones.json', import.meta.url);
    const data = JSON.parse(readFileSync(file, 'utf8')) as { prefixesByZones: Record<string, string> };
    const names = new Set(Object.keys(data.prefixesByZones).flatMap((zones) => zones.split(' ')));
    expect([...names].filter((name) => !isTimeZone(name))).toEqual([]);
    for (const prefix of Object.values(data.prefixesByZones).flatMap((prefixes) => prefixes.split(' '))) {
      expect(timeZonesOf({ number: `+${prefix}`, callingCode: '', isGeographic: true })).not.toEqual([]);
    }
  });
});
