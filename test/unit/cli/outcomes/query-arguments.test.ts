import { expect, test } from 'vitest';

import { limitArgument, timeArgument } from '../../../../src/cli/outcomes/query.js';

test.each([
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2026-01-31T12:00', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500Z'],
  ['2026-01-31T12:00:00+01:00', '2026-01-31T11:00:00.000Z'],
])('%s is the time %s', (given, time) => {
  expect(timeArgument(given)).toBe(time);
});

test.each([
  ['24h', 86_400_000],
  ['90 s', 90_000],
])('%s is so long ago', (given, ms) => {
  expect(Math.abs(Date.now() - ms - Date.parse(timeArgument(given)))).toBeLessThan(5_000);
});

test.each(['', 'yesterday', '2026', '2026-13-01', '31.01.2026', '24', '-1h', '999999999d', '2026-01-31 12:00'])(
  '%j is no time',
  (given) => {
    expect(() => timeArgument(given)).toThrow('such as "24h"');
  },
);

test('a limit is a whole number', () => {
  expect(['0', '50', '100000'].map(limitArgument)).toEqual([0, 50, 100_000]);
  for (const wrong of ['', '-1', '1.5', 'all', '1e3']) expect(() => limitArgument(wrong)).toThrow('whole number');
});
