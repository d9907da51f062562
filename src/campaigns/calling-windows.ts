import { Temporal } from 'temporal-polyfill';

import { type CallingWindow, type CampaignRules, WEEKDAYS } from '../contract/campaign-rules.js';

/** A span of time, epoch milliseconds: from `opensAt` inclusive to `closesAt` exclusive. */
export interface Opening {
  readonly opensAt: number;
  readonly closesAt: number;
}

/** What the calling windows say of a contact now. */
export type WindowAnswer =
  | ({ readonly kind: 'open' | 'closed' } & Opening)
  /** Nobody in these zones may ever be called by these rules. */
  | { readonly kind: 'never'; readonly reason: string };

type WindowRules = Pick<CampaignRules, 'windows' | 'holidays' | 'closeMarginMs'>;

/** Beyond the longest run of holidays. */
const HORIZON_DAYS = 400;

/**
 * The calling windows of one version of the rules. Remembers the opening that it found for each time zone, since a claim asks
 * for many contacts of few zones.
 */
export class CallingWindows {
  readonly #byZones = new Map<string, { readonly askedAt: number; readonly answer: WindowAnswer }>();

  constructor(private readonly rules: WindowRules) {}

  /**
   * Whether a contact may be called now, or when next. Several zones allow a call only together.
   *
   * @param timeZones IANA names; none, or one that is not known, allows nothing
   * @param nowMs epoch milliseconds
   */
  at(timeZones: readonly string[], nowMs: number): WindowAnswer {
    const key = timeZones.join(' ');
    const known = this.#byZones.get(key);
    const answer =
      known && isStillTrue(known.answer, known.askedAt, nowMs) ? known.answer : this.#find(timeZones, nowMs);
    if (answer !== known?.answer) this.#byZones.set(key, { askedAt: nowMs, answer });
    if (answer.kind === 'never') return answer;
    return { ...answer, kind: answer.opensAt <= nowMs ? 'open' : 'closed' };
  }

  #find(timeZones: readonly string[], nowMs: number): WindowAnswer {
    if (timeZones.length === 0) return { kind: 'never', reason: 'the contact has no time zone' };
    // Without the name: an import may have had the number in this column, and reasons leave the database.
    if (!timeZones.every(isTimeZone)) return { kind: 'never', reason: 'the contact has an invalid time zone' };
    const untilMs = nowMs + HORIZON_DAYS * 86_400_000;
    let earliestMs = nowMs;
    while (earliestMs < untilMs) {
      const openings = timeZones.map((zone) => this.#nextOpening(zone, earliestMs));
      if (openings.some((opening) => opening === undefined)) break;
      const opensAt = Math.max(...openings.map((opening) => opening!.opensAt));
      const closesAt = Math.min(...openings.map((opening) => opening!.closesAt));
      if (opensAt < closesAt) return { kind: opensAt <= nowMs ? 'open' : 'closed', opensAt, closesAt };
      earliestMs = opensAt;
    }
    const reason = `no calling window is open in ${timeZones.join(' and ')} within ${HORIZON_DAYS} days`;
    return { kind: 'never', reason };
  }

  /** The earliest part of a window in one zone that ends after `fromMs`, and begins then at the earliest. */
  #nextOpening(zone: string, fromMs: number): Opening | undefined {
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
    const { windows, holidays, closeMarginMs } = this.rules;
    if (holidays.includes(date.toString())) return [];
    const weekday = WEEKDAYS[date.dayOfWeek - 1]!;
    return windows
      .filter(({ days }) => days.includes(weekday))
      .map((window) => openingOf(window, date, zone))
      .map(({ opensAt, closesAt }) => ({ opensAt, closesAt: closesAt - closeMarginMs }))
      .filter(({ opensAt, closesAt }) => opensAt < closesAt);
  }
}

/**
 * A window on one day. When the clocks change, a time that does not exist or exists twice is read to the callee's favour: the
 * window opens at the later and closes at the earlier of the two.
 */
function openingOf({ from, until }: CallingWindow, date: Temporal.PlainDate, zone: string): Opening {
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

function isStillTrue(answer: WindowAnswer, askedAt: number, nowMs: number): boolean {
  return answer.kind === 'never' || (nowMs >= askedAt && nowMs < answer.closesAt);
}

/** Whether a name is an IANA time zone. An offset such as `+02:00` is none: it knows no daylight-saving time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.Now.zonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
