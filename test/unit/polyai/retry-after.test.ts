import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseRetryAfterMs } from '../../../src/polyai/retry-after.js';

const NOW = Date.UTC(2026, 0, 15, 12);

test.each([
  ['0', 0],
  ['7', 7_000],
  [' 120 ', 120_000],
  ['86400', 86_400_000],
  ['Thu, 15 Jan 2026 12:00:30 GMT', 30_000],
  ['Thu, 15 Jan 2026 11:59:00 GMT', 0],
  ['Thursday, 15-Jan-26 12:00:30 GMT', 30_000],
  ['Tuesday, 15-Jan-74 12:00:30 GMT', 48 * 365.25 * 86_400_000 + 30_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
  ['Thu Jan 15 12:00:30 2026', 30_000],
  ['Sun Feb  1 12:00:00 2026', 17 * 86_400_000],
])('the Retry-After %j is %d ms', (header, expected) => {
  expect(parseRetryAfterMs(header, NOW)).toBe(expected);
});

test.each([
  undefined,
  '',
  'soon',
  '-5',
  '+5',
  '1.5',
  '5s',
  '0x10',
  '1e3',
  'Infinity',
  '2026-01-15T12:00:30Z',
  'Thu, 15 Jan 2026 12:00:30',
  'Thu, 15 Jan 2026 12:00:30 CET',
  'Thursday, 15-Jan-2026 12:00:30 GMT',
  'Thursday, 15 Jan 26 12:00:30 GMT',
  'Thu, 15-Jan-26 12:00:30 GMT',
  'Thu Jan 15 12:00:30 2026 GMT',
  'Thu Jan 5 12:00:30 2026',
  'Thu, 45 Jan 2026 12:00:30 GMT',
  'Thu, 15 Jan 2026 25:00:30 GMT',
])('the Retry-After %j is ignored', (header) => {
  expect(parseRetryAfterMs(header, NOW)).toBeUndefined();
});

test('the first of several Retry-After headers counts', () => {
  expect(parseRetryAfterMs(['3', '900'], NOW)).toBe(3_000);
});

test('no Retry-After is a negative wait or NaN', () => {
  const dates = fc.date({ noInvalidDate: true }).map((date) => date.toUTCString());
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.nat().map(String), dates), (header) => {
      const ms = parseRetryAfterMs(header, NOW);
      if (ms !== undefined) expect(ms).toBeGreaterThanOrEqual(0);
    }),
  );
});
