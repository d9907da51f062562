import { describe, expect, it, test } from 'vitest';

import { parseRegion, regionsOf } from '../../../../src/campaigns/rules/contact-regions.js';

describe('the regions of a number', () => {
  it.each([
    ['+13055550100', ['US-FL']],
    ['+12065550100', ['US-WA']],
    ['+12035550100', ['US-CT']],
    ['+12025550100', ['US-DC']],
    ['+14165550100', ['CA-ON']],
    ['+17875550100', ['US-PR']],
    ['+12425550100', ['BS']],
    ['+33612345678', ['FR']],
    ['+4915112345678', ['DE']],
    ['+77011234567', ['KZ']],
  ])('%s are %j', (number, regions) => {
    expect(regionsOf(number, [])).toEqual(regions);
  });

  it('are several where the number does not say which', () => {
    expect(regionsOf('+19025550100', [])).toEqual(['CA-NS', 'CA-PE']);
    expect(regionsOf('+447700900001', [])).toEqual(['GB', 'GG', 'IM', 'JE']);
  });

  it('are a country alone for an area code that the data do not have', () => {
    expect(regionsOf('+18005550100', [])).toEqual(['US']);
  });

  it('are all countries of its calling code for a number that nobody knows', () => {
    const regions = regionsOf('+19995550100', []);
    expect(regions).toEqual(expect.arrayContaining(['US', 'CA', 'JM']));
    expect(regions).not.toContain('GB');
  });

  it('are none without a country', () => {
    expect(regionsOf('+883510000000', [])).toEqual([]);
  });
});

describe('regions that were given', () => {
  it('count more than the number', () => {
    expect(regionsOf('+447700900001', ['FR'])).toEqual(['FR']);
    expect(regionsOf('+13055550100', ['US-TX'])).toEqual(['US-TX']);
    expect(regionsOf('+13055550100', ['US-TX', 'US-OK', 'US-TX'])).toEqual(['US-TX', 'US-OK']);
  });

  it('of a country alone leave the state to the number', () => {
    expect(regionsOf('+13055550100', ['US'])).toEqual(['US-FL']);
    expect(regionsOf('+447700900001', ['US'])).toEqual(['US']);
  });
});

test.each([
  ['us-fl', 'US-FL'],
  [' FR ', 'FR'],
  ['PR', 'US-PR'],
  ['ES-MD', 'ES-MD'],
  ['US-FX', undefined],
  ['Florida', undefined],
  ['XX', undefined],
  ['U S', undefined],
  ['', undefined],
])('a region written "%s" is %s', (written, region) => {
  expect(parseRegion(written)).toBe(region);
});
