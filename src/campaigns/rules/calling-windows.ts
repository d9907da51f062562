import { Temporal } from 'temporal-polyfill';

import type { CampaignRules } from '../../contract/campaign-rules.js';
import { DAY_MS } from '../../contract/duration.js';
import type { RegionalRule } from '../../contract/regional-rules.js';
import { HORIZON_DAYS, Hours, type Opening } from './hours.js';
import { NO_REGIONAL_RULES, type RegionalRules } from './regional-rules.js';

/** Where a contact may be. */
export interface ContactPlace {
  /** IANA names; none, or one that is not known, allows nothing. */
  readonly timeZones: readonly string[];
  /** ISO 3166, see `RegionalRule.region`; none if its number is of no country. */
  readonly regions: readonly string[];
}

/** What the calling windows say of a contact now. */
export type WindowAnswer =
  | ({ readonly kind: 'open' } & Opening)
  /** `regions`: those whose rules put the contact off, if it is not the campaign's own windows. */
  | ({ readonly kind: 'closed'; readonly regions: readonly string[] } & Opening)
  /** Nobody in this place may ever be called by these rules. */
  | { readonly kind: 'never'; readonly reason: string };

type WindowRules = Pick<CampaignRules, 'windows' | 'holidays' | 'closeMarginMs'>;

type Answer = (Opening & { readonly regions: readonly string[] }) | Extract<WindowAnswer, { kind: 'never' }>;

/**
 * The calling windows of one version of the rules, within those of the regions. Remembers the opening that it found for each
 * place, since a claim asks for many contacts of few places.
 */
export class CallingWindows {
  readonly #own: Hours;
  /** With the rules of regions, by their names. */
  readonly #withRegions = new Map<string, Hours>();
  readonly #byPlace = new Map<string, { readonly askedAt: number; readonly answer: Answer }>();

  constructor(
    private readonly rules: WindowRules,
    private readonly regionalRules: RegionalRules = NO_REGIONAL_RULES,
  ) {
    this.#own = new Hours([rules], rules.closeMarginMs);
  }

  /**
   * Whether a contact may be called now, or when next: when the windows of the campaign and of all its regions are open in all
   * its time zones.
   *
   * @param nowMs epoch milliseconds
   */
  at(place: ContactPlace, nowMs: number): WindowAnswer {
    const key = `${place.timeZones.join(' ')}|${place.regions.join(' ')}`;
    const known = this.#byPlace.get(key);
    const answer = known && isStillTrue(known.answer, known.askedAt, nowMs) ? known.answer : this.#find(place, nowMs);
    if (answer !== known?.answer) this.#byPlace.set(key, { askedAt: nowMs, answer });
    if ('reason' in answer) return answer;
    const { opensAt, closesAt, regions } = answer;
    return opensAt <= nowMs ? { kind: 'open', opensAt, closesAt } : { kind: 'closed', opensAt, closesAt, regions };
  }

  #find({ timeZones, regions }: ContactPlace, nowMs: number): Answer {
    if (timeZones.length === 0) return { kind: 'never', reason: 'the contact has no time zone' };
    // Without the name: an import may have had the number in this column, and reasons leave the database.
    if (!timeZones.every(isTimeZone)) return { kind: 'never', reason: 'the contact has an invalid time zone' };
    const regional = this.regionalRules.of(regions);
    const opening = nextCommonOpening(this.#hoursWith(regional), timeZones, nowMs);
    const putOff = opening?.opensAt === nowMs ? [] : this.#putOffBy(regional, { timeZones, opening, nowMs });
    if (opening) return { ...opening, regions: putOff };
    const under = putOff.length > 0 ? ` under the rules of ${putOff.join(', ')}` : '';
    const reason = `no calling window is open in ${timeZones.join(' and ')}${under} within ${HORIZON_DAYS} days`;
    return { kind: 'never', reason };
  }

  #hoursWith(regional: readonly RegionalRule[]): Hours {
    if (regional.length === 0) return this.#own;
    const key = regional.map(({ region }) => region).join(' ');
    const hours = this.#withRegions.get(key) ?? new Hours([this.rules, ...regional], this.rules.closeMarginMs);
    this.#withRegions.set(key, hours);
    return hours;
  }

  /** The regions without whose rules a contact would be called earlier: those that are closed at that time. */
  #putOffBy(regional: readonly RegionalRule[], { timeZones, opening, nowMs }: Delay): string[] {
    const earlier = regional.length > 0 ? nextCommonOpening(this.#own, timeZones, nowMs) : undefined;
    if (!earlier || earlier.opensAt === opening?.opensAt) return [];
    const closed = regional.filter((rule) => {
      const hours = new Hours([rule], this.rules.closeMarginMs);
      return !timeZones.every((zone) => hours.nextOpening(zone, earlier.opensAt)?.opensAt === earlier.opensAt);
    });
    return closed.map(({ region }) => region);
  }
}

interface Delay {
  readonly timeZones: readonly string[];
  readonly opening: Opening | undefined;
  readonly nowMs: number;
}

/** The earliest span after `fromMs` that is open in all zones. */
function nextCommonOpening(hours: Hours, timeZones: readonly string[], fromMs: number): Opening | undefined {
  const untilMs = fromMs + HORIZON_DAYS * DAY_MS;
  let earliestMs = fromMs;
  while (earliestMs < untilMs) {
    const openings = timeZones.map((zone) => hours.nextOpening(zone, earliestMs));
    if (openings.some((opening) => opening === undefined)) return undefined;
    const opensAt = Math.max(...openings.map((opening) => opening!.opensAt));
    const closesAt = Math.min(...openings.map((opening) => opening!.closesAt));
    if (opensAt < closesAt) return { opensAt, closesAt };
    earliestMs = opensAt;
  }
  return undefined;
}

function isStillTrue(answer: Answer, askedAt: number, nowMs: number): boolean {
  return 'reason' in answer || (nowMs >= askedAt && nowMs < answer.closesAt);
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
