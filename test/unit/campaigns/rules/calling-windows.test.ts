import { describe, expect, it } from 'vitest';

import { CallingWindows, type ContactPlace, isTimeZone } from '../../../../src/campaigns/rules/calling-windows.js';
import { parseCampaignRules } from '../../../../src/contract/parse-campaign-rules.js';

const OFFICE = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', until: '18:00' };
const DAILY = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

function windows(rules: object): CallingWindows {
  return new CallingWindows(parseCampaignRules({ closeMargin: 0, ...rules }));
}

function inZones(...timeZones: string[]): ContactPlace {
  return { timeZones, regions: [] };
}

/** The answer at a time, with its own times in ISO 8601. */
function at(rules: object, zones: string[], time: string): string {
  const answer = windows(rules).at(inZones(...zones), Date.parse(time));
  if (answer.kind === 'never') return `never: ${answer.reason}`;
  const iso = (ms: number): string => new Date(ms).toISOString().replace(':00.000Z', 'Z');
  return `${answer.kind} ${iso(answer.opensAt)} to ${iso(answer.closesAt)}`;
}

describe('calling windows', () => {
  it('are open within their hours by the clock of the contact', () => {
    const rules = { windows: [OFFICE] };
    expect(at(rules, ['Europe/Berlin'], '2026-07-01T07:00:00Z')).toBe('open 2026-07-01T07:00Z to 2026-07-01T16:00Z');
    expect(at(rules, ['Europe/Berlin'], '2026-07-01T06:59:59Z')).toBe('closed 2026-07-01T07:00Z to 2026-07-01T16:00Z');
    expect(at(rules, ['America/New_York'], '2026-07-01T07:00:00Z')).toBe(
      'closed 2026-07-01T13:00Z to 2026-07-01T22:00Z',
    );
  });

  it('close a margin early', () => {
    const rules = { windows: [OFFICE], closeMargin: '10m' };
    expect(at(rules, ['Etc/UTC'], '2026-07-01T17:49:00Z')).toMatch(/^open .* to 2026-07-01T17:50Z$/);
    expect(at(rules, ['Etc/UTC'], '2026-07-01T17:50:00Z')).toMatch(/^closed 2026-07-02T09:00Z/);
  });

  it('leave out the weekend and holidays', () => {
    const rules = { windows: [OFFICE], holidays: ['2026-12-25', '2026-12-28'] };
    expect(at(rules, ['Etc/UTC'], '2026-12-24T20:00:00Z')).toMatch(/^closed 2026-12-29T09:00Z/);
  });

  it('take half-hour zones and the end of the day at midnight as they are', () => {
    const rules = { windows: [{ days: DAILY, from: '23:30', until: '24:00' }] };
    expect(at(rules, ['Asia/Kolkata'], '2026-03-01T17:59:00Z')).toBe('closed 2026-03-01T18:00Z to 2026-03-01T18:30Z');
    expect(at(rules, ['Asia/Kolkata'], '2026-03-01T18:29:00Z')).toMatch(/^open/);
    expect(at(rules, ['Asia/Kolkata'], '2026-03-01T18:30:00Z')).toMatch(/^closed 2026-03-02T18:00Z/);
  });

  it('of several zones are open only when all are', () => {
    const rules = { windows: [OFFICE] };
    const zones = ['America/New_York', 'America/Los_Angeles'];
    expect(at(rules, zones, '2026-07-01T13:30:00Z')).toBe('closed 2026-07-01T16:00Z to 2026-07-01T22:00Z');
    expect(at(rules, zones, '2026-07-01T16:00:00Z')).toMatch(/^open/);
  });

  it('are never open in zones that share no hour', () => {
    const rules = { windows: [{ days: DAILY, from: '09:00', until: '10:00' }] };
    expect(at(rules, ['Europe/Berlin', 'Asia/Tokyo'], '2026-07-01T00:00:00Z')).toMatch(/^never: no calling window/);
  });

  it('read a time that the clocks skip or repeat to the favour of the callee', () => {
    const rules = { windows: [{ days: DAILY, from: '01:30', until: '02:30' }] };
    // 02:00 to 03:00 does not exist: 02:30 is read as 01:30, so that day has no window.
    expect(at(rules, ['Europe/Berlin'], '2026-03-29T00:00:00Z')).toMatch(/^closed 2026-03-29T23:30Z/);
    // 02:00 to 03:00 comes twice: the window closes at the first 02:30.
    expect(at(rules, ['Europe/Berlin'], '2026-10-24T23:30:00Z')).toBe('open 2026-10-24T23:30Z to 2026-10-25T00:30Z');
  });

  it.each([
    [[], 'no time zone'],
    [['Europe/Berlni'], 'invalid time zone'],
    [['+02:00'], 'invalid time zone'],
  ])('say nothing but never for the zones %j', (zones, reason) => {
    expect(at({ windows: [OFFICE] }, zones, '2026-07-01T10:00:00Z')).toContain(`never: `);
    expect(at({ windows: [OFFICE] }, zones, '2026-07-01T10:00:00Z')).toContain(reason);
  });

  it('of no window at all are never open', () => {
    expect(at({ windows: [] }, ['Etc/UTC'], '2026-07-01T10:00:00Z')).toMatch(/^never/);
  });

  it('answer the same when asked again as time goes on', () => {
    const kept = windows({ windows: [OFFICE] });
    for (let ms = Date.parse('2026-07-03T00:00:00Z'); ms < Date.parse('2026-07-07T00:00:00Z'); ms += 1_800_000) {
      const place = inZones('Europe/Berlin');
      expect(kept.at(place, ms).kind).toBe(windows({ windows: [OFFICE] }).at(place, ms).kind);
    }
  });
});

describe('a time zone', () => {
  it.each(['Europe/Berlin', 'Asia/Kathmandu', 'UTC', 'America/Argentina/Buenos_Aires'])('can be %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['', 'Berlin', '+02:00', 'CEST2', 'Europe/Berlin '])('cannot be "%s"', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
