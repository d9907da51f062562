import type { Temporal } from 'temporal-polyfill';

import { WEEKDAYS } from '../../contract/calling-window.js';

export type DateTest = (date: Temporal.PlainDate) => boolean;

/**
 * Whether a day is one of some holidays.
 *
 * @param holidays as in the rules of a campaign or a region, which were validated
 */
export function holidayTest(holidays: readonly string[]): DateTest {
  const dated = new Set(holidays.filter((holiday) => DATED.test(holiday)));
  const recurring = holidays.filter((holiday) => !DATED.test(holiday)).map(recurringTest);
  return (date) => dated.has(date.toString()) || recurring.some((isHoliday) => isHoliday(date));
}

const DATED = /^\d{4}-/;

function recurringTest(holiday: string): DateTest {
  if (holiday.startsWith('easter')) {
    const offset = Number(holiday.slice('easter'.length));
    return (date) => date.subtract({ days: offset }).equals(easterOf(date));
  }
  const [first, second, , month] = holiday.split(' ');
  if (month === undefined) return yearlyTest(first!, second === 'observed');
  const weekday = WEEKDAYS.findIndex((day) => day === second) + 1;
  return (date) => date.month === Number(month) && date.dayOfWeek === weekday && isNth(date, first!);
}

function yearlyTest(monthAndDay: string, isObserved: boolean): DateTest {
  const isDay: DateTest = (date) => date.toString().endsWith(`-${monthAndDay}`);
  if (!isObserved) return isDay;
  return (date) =>
    isDay(date) ||
    (date.dayOfWeek === 5 && isDay(date.add({ days: 1 }))) ||
    (date.dayOfWeek === 1 && isDay(date.subtract({ days: 1 })));
}

/** Whether a day is the `1st`, `2nd`, … or `last` of its weekday in its month. */
function isNth({ day, daysInMonth }: Temporal.PlainDate, nth: string): boolean {
  return nth === 'last' ? day > daysInMonth - 7 : Math.ceil(day / 7) === Number.parseInt(nth, 10);
}

/** Easter Sunday of a day's year, by the Gregorian calendar (the algorithm of Meeus, Jones and Butcher). */
function easterOf(date: Temporal.PlainDate): Temporal.PlainDate {
  const { year } = date;
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const correction = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const shift = Math.floor((golden + 11 * epact + 19 * weekday) / 433);
  const month = Math.floor((epact + weekday - 7 * shift + 90) / 25);
  const day = (epact + weekday - 7 * shift + 33 * month + 19) % 32;
  return date.with({ month, day });
}
