import { readFileSync } from 'node:fs';

import type { PackagedRegionalRules, RegionalRule } from '../../src/contract/regional-rules.js';
import { isAllowed } from './wall-clock.js';

/** The data, read without the code under test. */
export const PACKAGED = JSON.parse(
  readFileSync(new URL('../../src/campaigns/rules/regional-rules.json', import.meta.url), 'utf8'),
) as PackagedRegionalRules;

/** Easter Sundays, as calendars have them. */
export const EASTER: Readonly<Record<number, string>> = {
  2023: '2023-04-09',
  2024: '2024-03-31',
  2025: '2025-04-20',
  2026: '2026-04-05',
  2027: '2027-03-28',
  2028: '2028-04-16',
  2029: '2029-04-01',
};

const DAY_MS = 24 * 3_600_000;
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const shifted = (day: string, days: number): string => dayOf(Date.parse(day) + days * DAY_MS);
const weekdayOf = (day: string): string => DAYS[new Date(day).getUTCDay()]!;

/** Every day on which a holiday falls, in the years of `EASTER`. */
export function daysOf(holiday: string): string[] {
  if (/^\d{4}-/.test(holiday)) return [holiday];
  return Object.keys(EASTER).flatMap((year) => daysInYear(holiday, year));
}

function daysInYear(holiday: string, year: string): string[] {
  if (holiday.startsWith('easter')) return [shifted(EASTER[Number(year)]!, Number(holiday.slice(6)))];
  const [which, weekday, , month] = holiday.split(' ');
  if (month !== undefined) {
    const ofMonth = Array.from({ length: 31 }, (_, index) => shifted(`${year}-${month}-01`, index));
    const days = ofMonth.filter((day) => day.slice(5, 7) === month && weekdayOf(day) === weekday);
    return [which === 'last' ? days.at(-1)! : days[Number(which![0]) - 1]!];
  }
  const day = `${year}-${which}`;
  if (weekday !== 'observed') return [day];
  return [
    day,
    ...(weekdayOf(day) === 'sat' ? [shifted(day, -1)] : []),
    ...(weekdayOf(day) === 'sun' ? [shifted(day, 1)] : []),
  ];
}

/** The rules that concern somebody in a region: its own, its country's, and all of a country's when only that is known. */
export function rulesFor(regions: readonly string[], rules: readonly RegionalRule[]): RegionalRule[] {
  return rules.filter(({ region: ofRule }) =>
    regions.some((region) => {
      const [country, part] = region.split('-');
      const [ruleCountry, rulePart] = ofRule.split('-');
      return country === ruleCountry && (part === rulePart || part === undefined || rulePart === undefined);
    }),
  );
}

const holidaysOf = new Map<RegionalRule, readonly string[]>();

/** Whether the wall clock of a zone allows a call by a region's rule. */
export function isAllowedByRegion(rule: RegionalRule, closeMarginMs: number, zone: string, ms: number): boolean {
  const holidays = holidaysOf.get(rule) ?? (rule.holidays ?? []).flatMap(daysOf);
  holidaysOf.set(rule, holidays);
  return isAllowed({ windows: rule.windows, holidays, closeMarginMs }, zone, ms);
}
