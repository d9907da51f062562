import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CallingWindows, type ContactPlace } from '../../../../src/campaigns/rules/calling-windows.js';
import { RegionalRules } from '../../../../src/campaigns/rules/regional-rules.js';
import { WEEKDAYS } from '../../../../src/contract/calling-window.js';
import { parseCampaignRules } from '../../../../src/contract/parse-campaign-rules.js';
import { propertyRuns } from '../../../support/property-runs.js';
import { isAllowedByRegion, rulesFor } from '../../../support/regional-rules.js';
import { isAllowed, offsetMs, ZONES } from '../../../support/wall-clock.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const time = fc
  .record({ hour: fc.nat(23), minute: fc.constantFrom(0, 1, 15, 30, 45, 59) })
  .map(({ hour, minute }) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);

const window = fc
  .tuple(fc.subarray([...WEEKDAYS], { minLength: 1 }), time, fc.oneof(time, fc.constant('24:00')))
  .filter(([, from, until]) => from < until)
  .map(([days, from, until]) => ({ days, from, until }));

const dayIn = (year: number) =>
  fc.nat(364).map((day) => new Date(Date.UTC(year, 0, 1) + day * DAY_MS).toISOString().slice(0, 10));

const rulesIn = (year: number) =>
  fc
    .record({
      windows: fc.array(window, { minLength: 1, maxLength: 3 }),
      holidays: fc.array(dayIn(year), { maxLength: 3 }),
      closeMargin: fc.constantFrom(0, MINUTE_MS, 15 * MINUTE_MS),
    })
    .map((given) => parseCampaignRules(given));

const year = fc.integer({ min: 2024, max: 2028 });
const instant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) });

const holiday = fc.constantFrom(
  ...['12-25 observed', '07-04', 'last mon of 03', '4th thu of 11', 'easter', 'easter-2', 'easter+1', '2026-10-25'],
);

const regionalRule = fc.record({
  region: fc.constantFrom('US', 'US-FL', 'US-TX', 'FR'),
  windows: fc.array(window, { minLength: 1, maxLength: 2 }),
  holidays: fc.array(holiday, { maxLength: 3 }),
  sources: fc.constant([{ citation: 'a statute' }]),
});

const regionalRules = fc.uniqueArray(regionalRule, { selector: ({ region }) => region, maxLength: 4 });
const regions = fc.constantFrom(['US-FL'], ['US-TX', 'FR'], ['US'], ['US-NY'], ['DE']);

function inZones(...timeZones: string[]): ContactPlace {
  return { timeZones, regions: [] };
}

/** The minute of each change of a zone's clocks in a year. */
function clockChanges(zone: string, ofYear: number): number[] {
  const changes: number[] = [];
  const start = Date.UTC(ofYear, 0, 1);
  for (let day = 0; day < 365; day += 7) {
    const ms = start + day * DAY_MS;
    if (offsetMs(zone, ms) === offsetMs(zone, ms + 7 * DAY_MS)) continue;
    let [before, after] = [ms, ms + 7 * DAY_MS];
    while (after - before > MINUTE_MS) {
      const middle = Math.floor((before + after) / 2);
      if (offsetMs(zone, middle) === offsetMs(zone, ms)) before = middle;
      else after = middle;
    }
    changes.push(after);
  }
  return changes;
}

/** A midnight of a zone in January. */
function midnight(zone: string, ofYear: number): number {
  const inUtc = Date.UTC(ofYear, 0, 14);
  return inUtc - offsetMs(zone, inUtc);
}

const yearAndRules = year.chain((ofYear) => fc.tuple(fc.constant(ofYear), rulesIn(ofYear)));

test('in any zone, at each change of the clocks and at midnight, no window is open outside its hours', () => {
  let opened = 0;
  const length = Math.min(propertyRuns(60), ZONES.length);
  const [zones] = fc.sample(fc.shuffledSubarray(ZONES, { minLength: length, maxLength: length }), 1);
  for (const [index, [ofYear, rules]] of fc.sample(yearAndRules, length).entries()) {
    const zone = zones![index]!;
    const windows = new CallingWindows(rules);
    for (const change of [...clockChanges(zone, ofYear), midnight(zone, ofYear)]) {
      for (let ms = change - 25 * HOUR_MS; ms < change + 25 * HOUR_MS; ms += 19 * MINUTE_MS + 1) {
        if (windows.at(inZones(zone), ms).kind !== 'open') continue;
        opened += 1;
        if (isAllowed(rules, zone, ms)) continue;
        throw new Error(`open at ${new Date(ms).toISOString()} in ${zone} by ${JSON.stringify(rules)}`);
      }
    }
  }
  expect(opened).toBeGreaterThan(20 * length);
});

test('a number in several zones is called only when each of them allows it', () => {
  const zones = fc.uniqueArray(fc.constantFrom(...ZONES), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(zones, instant, yearAndRules, (places, ms, [, rules]) => {
      const answer = new CallingWindows(rules).at(inZones(...places), ms);
      if (answer.kind === 'never') return;
      for (const zone of places) {
        expect(isAllowed(rules, zone, answer.opensAt)).toBe(true);
        expect(isAllowed(rules, zone, answer.closesAt - 1)).toBe(true);
      }
      expect(answer.opensAt).toBeGreaterThanOrEqual(ms);
    }),
    { numRuns: propertyRuns(10) },
  );
});

test('the next opening is not missed: no allowed minute lies before it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), instant, yearAndRules, (zone, ms, [, rules]) => {
      const answer = new CallingWindows(rules).at(inZones(zone), ms);
      if (answer.kind === 'never') return;
      for (let before = ms; before < answer.opensAt; before += 13 * MINUTE_MS) {
        // Around a change of the clocks the windows are narrower than the wall clock says.
        if (isAllowed(rules, zone, before)) expect(isNearClockChange(zone, before)).toBe(true);
      }
    }),
    { numRuns: propertyRuns(20) },
  );
});

test('no call is allowed outside the hours of a region, in any zone, and the next one is not missed', () => {
  let opened = 0;
  const zones = fc.uniqueArray(fc.constantFrom(...ZONES), { minLength: 1, maxLength: 2 });
  const given = fc.tuple(zones, regions, regionalRules, yearAndRules, fc.boolean(), fc.nat(48));
  fc.assert(
    fc.property(given, ([timeZones, inRegions, regional, [ofYear, rules], isAtChange, hours]) => {
      const [change = midnight(timeZones[0]!, ofYear)] = isAtChange ? clockChanges(timeZones[0]!, ofYear) : [];
      const ms = change + (hours - 24) * HOUR_MS + 1;
      const answer = new CallingWindows(rules, new RegionalRules(regional)).at({ timeZones, regions: inRegions }, ms);
      if (answer.kind === 'never') return;
      const concerning = rulesFor(inRegions, regional);
      const isFree = (zone: string, at: number): boolean =>
        isAllowed(rules, zone, at) &&
        concerning.every((rule) => isAllowedByRegion(rule, rules.closeMarginMs, zone, at));
      for (const zone of timeZones) {
        expect(isFree(zone, answer.opensAt)).toBe(true);
        expect(isFree(zone, answer.closesAt - 1)).toBe(true);
      }
      opened += 1;
      for (let before = ms; before < answer.opensAt; before += 29 * MINUTE_MS) {
        if (!timeZones.every((zone) => isFree(zone, before))) continue;
        expect(timeZones.some((zone) => isNearClockChange(zone, before))).toBe(true);
      }
    }),
    { numRuns: propertyRuns(30) },
  );
  expect(opened).toBeGreaterThan(propertyRuns(5));
});

function isNearClockChange(zone: string, ms: number): boolean {
  return offsetMs(zone, ms - DAY_MS) !== offsetMs(zone, ms + DAY_MS);
}
