import { describe, expect, it, test } from 'vitest';

import {
  fileArgument,
  callSidArgument,
  durationArgument,
  limitArgument,
  portArgument,
  probabilityArgument,
  seedArgument,
  timeArgument,
} from '../../../src/cli/arguments.js';

describe('command-line arguments', () => {
  it('are parsed', () => {
    expect(portArgument('0')).toBe(0);
    expect(portArgument('65535')).toBe(65_535);
    expect(seedArgument('42')).toBe(42);
    expect(probabilityArgument('.25')).toBe(0.25);
    expect(durationArgument('deadline')('90 s')).toBe(90_000);
    expect(durationArgument('notFoundGrace')('0s')).toBe(0);
  });

  it.each(['-1', '65536', '80.5', '1e3', '0x10', '', 'http'])('reject the port "%s"', (value) => {
    expect(() => portArgument(value)).toThrow('It must be a whole number from 0 to 65535.');
  });

  it.each(['1.1', '-0.1', '20%', ''])('reject the probability "%s"', (value) => {
    expect(() => probabilityArgument(value)).toThrow('It must be a number from 0 to 1.');
  });

  it.each(['3', '0s', '6m', 'soon', '-3s'])('reject the polling interval "%s"', (value) => {
    expect(() => durationArgument('polling.interval')(value)).toThrow('from 250 ms to 5 min');
  });

  it('describe a valid call SID', () => {
    expect(callSidArgument('OUT-a_b-1')).toBe('OUT-a_b-1');
    expect(() => callSidArgument('IN-1')).toThrow('starts with "OUT-"');
  });
});

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
])('%s is that long before now', (given, ms) => {
  expect(Math.abs(Date.now() - ms - Date.parse(timeArgument(given)))).toBeLessThan(5_000);
});

test.each([
  '',
  'yesterday',
  '2026',
  '2026-13-01',
  '2026-02-30',
  '2026-02-29T12:00',
  '2026-04-31',
  '2026-01-00',
  '31.01.2026',
  '24',
  '-1h',
  '999999999d',
  '2026-01-31 12:00',
])('%j is rejected as a time', (given) => {
  expect(() => timeArgument(given)).toThrow('such as "24h"');
});

test('the last day of February is a time in a leap year', () => {
  expect(timeArgument('2028-02-29')).toBe('2028-02-29T00:00:00.000Z');
});

test('an empty path is no file', () => {
  expect(fileArgument('./out.csv')).toBe('./out.csv');
  expect(() => fileArgument('')).toThrow('path of a file');
});

test('a limit is a whole number', () => {
  expect(['0', '50', '100000'].map(limitArgument)).toEqual([0, 50, 100_000]);
  for (const wrong of ['', '-1', '1.5', 'all', '1e3']) expect(() => limitArgument(wrong)).toThrow('whole number');
});
