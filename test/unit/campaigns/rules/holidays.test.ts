import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';

import { holidayTest } from '../../../../src/campaigns/rules/holidays.js';
import { daysOf, EASTER } from '../../../support/regional-rules.js';

const FIRST_DAY = Temporal.PlainDate.from('2023-01-01');
const DAYS = Array.from({ length: FIRST_DAY.until('2030-01-01').days }, (_, days) => FIRST_DAY.add({ days }));

/** The days of some years on which a holiday falls, by the code under test. */
function found(holiday: string): string[] {
  return DAYS.filter(holidayTest([holiday])).map(String);
}

test.each([
  ...['2026-12-25', '12-25', '02-29', '07-04 observed', '1st mon of 09', '4th thu of 11', 'last mon of 05'],
  ...['2nd sun of 02', 'easter', 'easter-2', 'easter+1', 'easter+50'],
])('the holiday "%s" falls on the days of a calendar', (holiday) => {
  const expected = daysOf(holiday).filter((day) => dayExists(day) && day.startsWith('202'));
  expect(found(holiday)).toEqual(expected.sort());
  expect(expected.length).toBeGreaterThan(0);
});

function dayExists(day: string): boolean {
  const ms = Date.parse(day);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

test.each([
  ['07-04 observed', ['2026-07-03', '2026-07-04'], ['2027-07-04', '2027-07-05']],
  ['01-01 observed', ['2026-01-01'], ['2027-01-01', '2027-12-31']],
  ['easter', [EASTER[2026]], [EASTER[2027]]],
])('the holiday "%s" of 2026 is %j, and of 2027 %j', (holiday, in2026, in2027) => {
  const inYear = (year: string) => found(holiday).filter((day) => day.startsWith(year));
  expect(inYear('2026')).toEqual(in2026);
  expect(inYear('2027')).toEqual(in2027);
});
