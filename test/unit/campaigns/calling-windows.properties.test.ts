import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CallingWindows } from '../../../src/campaigns/calling-windows.js';
import { parseCampaignRules, WEEKDAYS } from '../../../src/contract/campaign-rules.js';

/** Independent of the code under test: the wall clock by the runtime's own calendar. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function wallClock(zone: string, ms: number): { day: string; weekday: string; time: string } {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    });
  clocks.set(zone, clock);
  const parts = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, value]));
  return {
    day: `${parts['year']}-${parts['month']}-${parts['day']}`,
    weekday: parts['weekday']!.toLowerCase(),
    time: `${parts['hour']}:${parts['minute']}:${parts['second']}`,
  };
}

const ZONES = Intl.supportedValuesOf('timeZone');

const time = fc
  .record({ hour: fc.nat(23), minute: fc.constantFrom(0, 1, 15, 30, 45, 59) })
  .map(({ hour, minute }) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);

const window = fc
  .tuple(fc.subarray([...WEEKDAYS], { minLength: 1 }), time, fc.oneof(time, fc.constant('24:00')))
  .filter(([, from, until]) => from < until)
  .map(([days, from, until]) => ({ days, from, until }));

const rules = fc.record({
  windows: fc.array(window, { minLength: 1, maxLength: 3 }),
  closeMargin: fc.constantFrom(0, 60_000, 900_000),
});

/** Every minute of two days around each change of the clocks of a zone in a year, and around one ordinary night. */
function instantsAround(zone: string, year: number): number[] {
  const changes: number[] = [];
  const offset = (ms: number): number => {
    const { day, time: clock } = wallClock(zone, ms);
    return Date.parse(`${day}T${clock}Z`) - ms;
  };
  const start = Date.UTC(year, 0, 1);
  for (let day = 0; day < 365; day += 1) {
    const ms = start + day * 86_400_000;
    if (offset(ms) !== offset(ms + 86_400_000)) changes.push(ms + 43_200_000);
  }
  return [...changes, start + 14 * 86_400_000];
}

function expectAllowed(zone: string, rule: { windows: { days: string[]; from: string; until: string }[] }, ms: number) {
  const { weekday, time: clock } = wallClock(zone, ms);
  const isAllowed = rule.windows.some(
    ({ days, from, until }) => days.includes(weekday) && clock >= `${from}:00` && clock < `${until}:00`,
  );
  expect({ zone, weekday, clock, isAllowed }).toMatchObject({ isAllowed: true });
}

test('in no zone, and at no change of the clocks, a window is open outside its hours', () => {
  let opened = 0;
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer({ min: 2024, max: 2028 }), rules, (zone, year, rule) => {
      const windows = new CallingWindows(parseCampaignRules(rule));
      for (const change of instantsAround(zone, year)) {
        for (let ms = change - 86_400_000; ms < change + 86_400_000; ms += 17 * 60_000) {
          if (windows.at([zone], ms).kind !== 'open') continue;
          opened += 1;
          expectAllowed(zone, rule, ms);
        }
      }
    }),
    { numRuns: 60 },
  );
  expect(opened).toBeGreaterThan(1_000);
});

test('a number in several zones is called only when each of them allows it', () => {
  const zones = fc.uniqueArray(fc.constantFrom(...ZONES), { minLength: 2, maxLength: 4 });
  const instant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) });
  fc.assert(
    fc.property(zones, instant, rules, (places, ms, rule) => {
      const answer = new CallingWindows(parseCampaignRules(rule)).at(places, ms);
      if (answer.kind === 'never') return;
      for (const zone of places) {
        expectAllowed(zone, rule, answer.opensAt);
        expectAllowed(zone, rule, answer.closesAt - 1);
      }
      expect(answer.opensAt).toBeGreaterThanOrEqual(ms);
    }),
    { numRuns: 50 },
  );
});

test('the next opening is not missed: no allowed minute lies before it', () => {
  const instant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), instant, rules, (zone, ms, rule) => {
      const noMargin = { ...rule, closeMargin: 0 };
      const answer = new CallingWindows(parseCampaignRules(noMargin)).at([zone], ms);
      if (answer.kind === 'never') return;
      for (let before = ms; before < answer.opensAt; before += 13 * 60_000) {
        const { weekday, time: clock } = wallClock(zone, before);
        const isAllowed = rule.windows.some(
          ({ days, from, until }) =>
            (days as string[]).includes(weekday) && clock >= `${from}:00` && clock < `${until}:00`,
        );
        // Around a change of the clocks the windows are narrower than the wall clock says.
        if (isAllowed) expect(isNearClockChange(zone, before)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

function isNearClockChange(zone: string, ms: number): boolean {
  const offset = (at: number): number => {
    const { day, time: clock } = wallClock(zone, at);
    return Date.parse(`${day}T${clock}Z`) - Math.floor(at / 1_000) * 1_000;
  };
  return offset(ms - 86_400_000) !== offset(ms + 86_400_000);
}
