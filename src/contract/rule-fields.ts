import { type CallingWindow, type Weekday, WEEKDAYS } from './calling-window.js';
import { DURATION_FORMAT, parseDurationMs } from './duration.js';
import { isRecord } from './is-record.js';

/** Rules that were rejected. The message names the field and what it must be. */
export class CampaignRulesError extends TypeError {
  override readonly name = 'CampaignRulesError';
}

const CLOCK_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

export function parseWindow(name: string, window: unknown): CallingWindow {
  const problem = (what: string): CampaignRulesError =>
    new CampaignRulesError(
      `${name}: ${what}; a window is such as { "days": ["mon", "tue"], "from": "09:00", "until": "18:00" }`,
    );
  if (!isRecord(window)) throw problem('not an object');
  const { days, from, until } = window;
  if (!Array.isArray(days) || days.length === 0 || !days.every(isWeekday)) {
    throw problem(`days must be some of ${WEEKDAYS.join(', ')}`);
  }
  if (typeof from !== 'string' || !CLOCK_TIME.test(from)) throw problem('from must be a time such as "09:00"');
  if (typeof until !== 'string' || !(CLOCK_TIME.test(until) || until === '24:00')) {
    throw problem('until must be a time such as "18:00", or "24:00"');
  }
  if (from >= until) throw problem('from must be earlier than until; for a night give two windows');
  return { days: WEEKDAYS.filter((day) => days.includes(day)), from, until };
}

/** Whether a value is a day such as `2026-12-25`. */
export function isCalendarDay(day: unknown): day is string {
  if (typeof day !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(day)) return false;
  const ms = Date.parse(`${day}T00:00:00Z`);
  // `Date.parse` takes February 30 for March 2.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

export function duration(name: string, value: unknown, minMs: number, maxMs: number): number {
  const ms = parseDurationMs(value);
  if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
  throw new CampaignRulesError(`${name} must be ${DURATION_FORMAT}, from ${minMs} to ${maxMs} ms`);
}

export function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new CampaignRulesError(`${name} must be a whole number from ${min} to ${max}`);
}

export function boolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new CampaignRulesError(`${name} must be true or false`);
}

export function list(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new CampaignRulesError(`${name} must be a list`);
}

function isWeekday(value: unknown): value is Weekday {
  return (WEEKDAYS as readonly unknown[]).includes(value);
}
