import fc from 'fast-check';
import { expect, test } from 'vitest';

import { formatDuration, parseDurationMs } from '../../../src/contract/duration.js';

test.each([
  [0, 0],
  [1_500, 1_500],
  ['0s', 0],
  ['250ms', 250],
  ['250 milliseconds', 250],
  ['1 millisecond', 1],
  ['3s', 3_000],
  ['90 s', 90_000],
  ['1 sec', 1_000],
  ['2 secs', 2_000],
  ['2 seconds', 2_000],
  ['5m', 300_000],
  ['5min', 300_000],
  ['10 minutes', 600_000],
  ['2h', 7_200_000],
  ['2 hrs', 7_200_000],
  ['1.5h', 5_400_000],
  ['1 hour', 3_600_000],
  ['1d', 86_400_000],
  ['30 days', 2_592_000_000],
  ['3S', 3_000],
  ['  3s  ', 3_000],
])('reads %j as %d ms', (value, expected) => {
  expect(parseDurationMs(value)).toBe(expected);
});

test.each([
  '',
  ' ',
  'soon',
  's',
  '3',
  '-3s',
  '+3s',
  '3 s 4 ms',
  '1e3s',
  '.5s',
  '5.s',
  '1,5h',
  '3 weeks',
  '3\u00a0parsecs',
  '0x10s',
  '3s\n3s',
  `${'9'.repeat(400)}d`,
  -1,
  NaN,
  Infinity,
  -Infinity,
  null,
  undefined,
  true,
  [3],
  { seconds: 3 },
  3n,
])('refuses %o', (value) => {
  expect(parseDurationMs(value)).toBeUndefined();
});

test('reads a number of milliseconds as whole milliseconds, as it does text', () => {
  expect(parseDurationMs('1500.4ms')).toBe(1_500);
  expect(parseDurationMs(1_500.4)).toBe(1_500);
});

test('never gives anything but a whole, finite, non-negative number', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 400 });
  const texts = fc.tuple(digits, fc.constantFrom('ms', 's', ' m', 'h', ' days')).map(([n, unit]) => n + unit);
  fc.assert(
    fc.property(fc.oneof(fc.double(), texts, fc.anything()), (value) => {
      const ms = parseDurationMs(value);
      if (ms === undefined) return;
      expect(Number.isInteger(ms)).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(0);
    }),
  );
});

test.each([
  [0, '0 ms'],
  [850, '850 ms'],
  [3_000, '3 s'],
  [59_999, '1 min'],
  [125_000, '2 min 5 s'],
  [14_400_000, '4 h'],
  [86_399_999, '1 d'],
  [90_061_000, '1 d 1 h'],
  [2_592_000_000, '30 d'],
])('shows %d ms as %j', (ms, expected) => {
  expect(formatDuration(ms)).toBe(expected);
});

test.each([
  ['ms', 1, 999],
  ['s', 1_000, 59],
  ['min', 60_000, 59],
  ['h', 3_600_000, 23],
  ['d', 86_400_000, 10_000],
])('reads back whatever it shows in one unit: %s', (unit, msPerUnit, most) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: most }), (amount) => {
      const shown = formatDuration(amount * msPerUnit);
      expect(shown).toBe(`${amount} ${unit}`);
      expect(parseDurationMs(shown)).toBe(amount * msPerUnit);
    }),
  );
});

test('shows a duration in at most two units, none of them zero, and off by less than the smaller one', () => {
  const msPerUnit: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 40 * 86_400_000 }), (ms) => {
      const parts = [...formatDuration(ms).matchAll(/(\d+) (\w+)/g)].map(([, amount, unit]) => [Number(amount), unit]);
      const units = parts.map(([, unit]) => msPerUnit[unit as string]!);
      const shownMs = parts.reduce((sum, [amount], index) => sum + (amount as number) * units[index]!, 0);
      expect(parts.length).toBeLessThanOrEqual(2);
      expect(parts.every(([amount]) => (amount as number) > 0)).toBe(true);
      expect(Math.abs(shownMs - ms)).toBeLessThan(Math.max(1_000, parts.length === 1 ? units[0]! : units[1]!));
    }),
  );
});
