import { Temporal } from 'temporal-polyfill';

import { type CallingWindow, WEEKDAYS } from '../../contract/calling-window.js';
import { type DateTest, holidayTest } from './holidays.js';

/** A span of time, epoch milliseconds: from `opensAt` inclusive to `closesAt` exclusive. */
export interface Opening {
  readonly opensAt: number;
  readonly closesAt: number;
}

/** One rule about the hours of calls. */
export interface DayRule {
  readonly windows: readonly CallingWindow[];
  /** As in the rules of a campaign or a region. */
  readonly holidays?: readonly string[] | undefined;
}

type LocalSpan = Pick<CallingWindow, 'from' | 'until'>;

/** Beyond the longest run of holidays. */
export const HORIZON_DAYS = 400;

/** When some rules allow calls together, by the clock of any time zone. */
export class Hours {
  readonly #rules: readonly { readonly windows: readonly CallingWindow[]; readonly isHoliday: DateTest }[];

  constructor(
    rules: readonly DayRule[],
    private readonly closeMarginMs: number,
  ) {
    this.#rules = rules.map(({ windows, holidays = [] }) => ({ windows, isHoliday: holidayTest(holidays) }));
  }

  /** The earliest part of an opening that ends after `fromMs`, and begins then at the earliest. */
  nextOpening(zone: string, fromMs: number): Opening | undefined {
    const today = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone).toPlainDate();
    // From yesterday: a zone that skips or repeats midnight may still be in its window.
    for (let day = -1; day <= HORIZON_DAYS; day += 1) {
      const openings = this.#openingsOn(today.add({ days: day }), zone)
        .filter(({ closesAt }) => closesAt > fromMs)
        .sort((one, other) => one.opensAt - other.opensAt);
      const [first] = openings;
      if (first) return { opensAt: Math.max(first.opensAt, fromMs), closesAt: first.closesAt };
    }
    return undefined;
  }

  #openingsOn(date: Temporal.PlainDate, zone: string): Opening[] {
    return this.#spansOn(date)
      .map((span) => openingOf(span, date, zone))
      .map(({ opensAt, closesAt }) => ({ opensAt, closesAt: closesAt - this.closeMarginMs }))
      .filter(({ opensAt, closesAt }) => opensAt < closesAt);
  }

  /** By the clock of the day, which orders all times of all rules alike. */
  #spansOn(date: Temporal.PlainDate): LocalSpan[] {
    const weekday = WEEKDAYS[date.dayOfWeek - 1]!;
    let spans: LocalSpan[] = [{ from: '00:00', until: '24:00' }];
    for (const { windows, isHoliday } of this.#rules) {
      const open = windows.filter(({ days }) => days.includes(weekday));
      if (open.length === 0 || isHoliday(date)) return [];
      spans = unique(spans.flatMap((span) => open.map((window) => overlap(span, window))).filter(isSpan));
    }
    return spans;
  }
}

function overlap(one: LocalSpan, other: LocalSpan): LocalSpan {
  return {
    from: one.from > other.from ? one.from : other.from,
    until: one.until < other.until ? one.until : other.until,
  };
}

/** Windows that overlap would multiply. */
function unique(spans: readonly LocalSpan[]): LocalSpan[] {
  return [...new Map(spans.map((span) => [`${span.from} ${span.until}`, span])).values()];
}

function isSpan({ from, until }: LocalSpan): boolean {
  return from < until;
}

/**
 * A span of one day. When the clocks change, a time that does not exist or exists twice is read to the callee's favour: it
 * opens at the later and closes at the earlier of the two.
 */
function openingOf({ from, until }: LocalSpan, date: Temporal.PlainDate, zone: string): Opening {
  const opens = date.toPlainDateTime(Temporal.PlainTime.from(from));
  const closes =
    until === '24:00'
      ? date.add({ days: 1 }).toPlainDateTime(Temporal.PlainTime.from('00:00'))
      : date.toPlainDateTime(Temporal.PlainTime.from(until));
  return {
    opensAt: opens.toZonedDateTime(zone, { disambiguation: 'later' }).epochMilliseconds,
    closesAt: closes.toZonedDateTime(zone, { disambiguation: 'earlier' }).epochMilliseconds,
  };
}
