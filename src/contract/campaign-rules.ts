import { DURATION_FORMAT, type DurationInput, parseDurationMs } from './duration.js';

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

export const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A span of each of some days in which contacts may be called, in the contact's own time zone. */
export interface CallingWindow {
  readonly days: readonly Weekday[];
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`, later than `from`; `24:00` is the end of the day. */
  readonly until: string;
}

/**
 * How an attempt ended:
 * - `answered`: the call ended in `success`;
 * - `no-answer`, `busy`, `voicemail`, `rejected`: in `failure`, for that reason;
 * - `invalid-number`: the number cannot be called, finally;
 * - `vendor-queue`: PolyAI queued the call for too long and never placed it, which is no attempt on the contact;
 * - `unclassified`: in `failure`, for a reason that this version does not know;
 * - `unknown`: the monitor ended without a terminal status.
 */
export type Disposition = RetriedDisposition | 'answered' | 'invalid-number' | 'vendor-queue';

/** The dispositions after which a contact is called again, unless it has no attempt left. */
export type RetriedDisposition = 'no-answer' | 'busy' | 'voicemail' | 'rejected' | 'unclassified' | 'unknown';

export const RETRIED_DISPOSITIONS: readonly RetriedDisposition[] = [
  ...(['no-answer', 'busy', 'voicemail', 'rejected', 'unclassified', 'unknown'] as const),
];

export const DISPOSITIONS: readonly Disposition[] = [
  ...RETRIED_DISPOSITIONS,
  ...(['answered', 'invalid-number', 'vendor-queue'] as const),
];

/** The rules of a campaign as they are given. Every field is optional. */
export interface CampaignRulesInput {
  /**
   * When contacts may be called: a contact in several time zones only when all of them allow it.
   * @default Monday to Friday, 09:00 to 18:00
   */
  readonly windows?: readonly CallingWindow[] | undefined;
  /**
   * Days without calls, by the contact's calendar: `2026-12-25`.
   * @default none
   */
  readonly holidays?: readonly string[] | undefined;
  /**
   * How long before a window closes the last call is dialled. Up to 4 h.
   * @default "5m"
   */
  readonly closeMargin?: DurationInput | undefined;
  /**
   * How often a contact is called at most, 1 to 20. What PolyAI never dialled does not count.
   * @default 3
   */
  readonly maxAttempts?: number | undefined;
  /**
   * The pause before the next attempt, by the disposition of the last one. 1 min to 30 days.
   * @default 4 h after `no-answer`, 30 min after `busy`, 1 day after the others
   */
  readonly retryAfter?: Partial<Readonly<Record<RetriedDisposition, DurationInput>>> | undefined;
  /**
   * Calls to a number in any 24 hours, over all campaigns in the database.
   * @default 2
   */
  readonly maxCallsPer24h?: number | undefined;
  /**
   * Calls to a number in any 7 days, over all campaigns in the database.
   * @default 5
   */
  readonly maxCallsPer7d?: number | undefined;
  /**
   * Whether a contact without consent is left out.
   * @default true
   */
  readonly requireConsent?: boolean | undefined;
  /**
   * So many failed attempts in a row pause the campaign. A person who is absent (no answer, busy, voicemail) is no failure.
   * @default 20
   */
  readonly stopAfterFailures?: number | undefined;
  /**
   * So many ambiguous attempts since the campaign was last resumed pause it.
   * @default 5
   */
  readonly stopAfterAmbiguous?: number | undefined;
  /**
   * When the campaign ends, whoever is left. ISO 8601 with a zone.
   * @default none
   */
  readonly deadline?: string | undefined;
}

/** The rules of a campaign, complete: validated and with defaults, as they are stored. */
export interface CampaignRules {
  readonly windows: readonly CallingWindow[];
  readonly holidays: readonly string[];
  readonly closeMarginMs: number;
  readonly maxAttempts: number;
  readonly retryAfterMs: Readonly<Record<RetriedDisposition, number>>;
  readonly maxCallsPer24h: number;
  readonly maxCallsPer7d: number;
  readonly requireConsent: boolean;
  readonly stopAfterFailures: number;
  readonly stopAfterAmbiguous: number;
  /** Epoch milliseconds; `null` without a deadline. */
  readonly deadlineMs: number | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const DEFAULT_CAMPAIGN_RULES: CampaignRules = {
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', until: '18:00' }],
  holidays: [],
  closeMarginMs: 5 * 60_000,
  maxAttempts: 3,
  retryAfterMs: {
    'no-answer': 4 * HOUR_MS,
    busy: HOUR_MS / 2,
    voicemail: DAY_MS,
    rejected: DAY_MS,
    unclassified: DAY_MS,
    unknown: DAY_MS,
  },
  maxCallsPer24h: 2,
  maxCallsPer7d: 5,
  requireConsent: true,
  stopAfterFailures: 20,
  stopAfterAmbiguous: 5,
  deadlineMs: null,
};

/** Rules that were rejected. The message names the field and what it must be. */
export class CampaignRulesError extends TypeError {
  override readonly name = 'CampaignRulesError';
}

/**
 * Validates rules and completes them.
 *
 * @param base what a field that is left out stays at
 * @throws {CampaignRulesError} naming the field, also for a field that does not exist
 */
export function parseCampaignRules(input: unknown, base: CampaignRules = DEFAULT_CAMPAIGN_RULES): CampaignRules {
  if (!isRecord(input)) throw new CampaignRulesError('rules must be an object such as { "maxAttempts": 3 }');
  const known: Record<keyof CampaignRulesInput, () => Partial<CampaignRules>> = {
    windows: () => ({ windows: list('windows', input['windows']).map(parseWindow) }),
    holidays: () => ({ holidays: list('holidays', input['holidays']).map(parseHoliday) }),
    closeMargin: () => ({ closeMarginMs: duration('closeMargin', input['closeMargin'], 0, 4 * HOUR_MS) }),
    maxAttempts: () => ({ maxAttempts: wholeNumber('maxAttempts', input['maxAttempts'], 1, 20) }),
    retryAfter: () => ({ retryAfterMs: { ...base.retryAfterMs, ...parseRetryAfter(input['retryAfter']) } }),
    maxCallsPer24h: () => ({ maxCallsPer24h: wholeNumber('maxCallsPer24h', input['maxCallsPer24h'], 1, 100) }),
    maxCallsPer7d: () => ({ maxCallsPer7d: wholeNumber('maxCallsPer7d', input['maxCallsPer7d'], 1, 100) }),
    requireConsent: () => ({ requireConsent: boolean('requireConsent', input['requireConsent']) }),
    stopAfterFailures: () => ({
      stopAfterFailures: wholeNumber('stopAfterFailures', input['stopAfterFailures'], 1, 100_000),
    }),
    stopAfterAmbiguous: () => ({
      stopAfterAmbiguous: wholeNumber('stopAfterAmbiguous', input['stopAfterAmbiguous'], 1, 100_000),
    }),
    deadline: () => ({ deadlineMs: parseDeadline(input['deadline']) }),
  };
  let rules = base;
  for (const [name, value] of Object.entries(input)) {
    if (!Object.hasOwn(known, name)) {
      throw new CampaignRulesError(`${name} is not a rule; known are ${Object.keys(known).join(', ')}`);
    }
    if (value !== undefined) rules = { ...rules, ...known[name as keyof CampaignRulesInput]() };
  }
  return rules;
}

const CLOCK_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

function parseWindow(window: unknown): CallingWindow {
  const problem = (what: string): CampaignRulesError =>
    new CampaignRulesError(
      `windows: ${what}; a window is such as { "days": ["mon", "tue"], "from": "09:00", "until": "18:00" }`,
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

function parseHoliday(day: unknown): string {
  const isDay = typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day) && isCalendarDay(day);
  if (!isDay) throw new CampaignRulesError('holidays must be days such as "2026-12-25"');
  return day;
}

/** `Date.parse` takes February 30 for March 2. */
function isCalendarDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

function parseRetryAfter(value: unknown): Partial<Record<RetriedDisposition, number>> {
  if (!isRecord(value)) throw new CampaignRulesError('retryAfter must be an object such as { "busy": "30m" }');
  return Object.fromEntries(
    Object.entries(value).map(([disposition, pause]) => {
      if (!(RETRIED_DISPOSITIONS as readonly string[]).includes(disposition)) {
        throw new CampaignRulesError(`retryAfter.${disposition}: known are ${RETRIED_DISPOSITIONS.join(', ')}`);
      }
      return [disposition, duration(`retryAfter.${disposition}`, pause, 60_000, 30 * DAY_MS)];
    }),
  );
}

const DEADLINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

function parseDeadline(value: unknown): number {
  const ms = typeof value === 'string' && DEADLINE.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) {
    throw new CampaignRulesError('deadline must be a time with a zone, such as "2026-12-31T18:00:00Z"');
  }
  return ms;
}

function duration(name: string, value: unknown, minMs: number, maxMs: number): number {
  const ms = parseDurationMs(value);
  if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
  throw new CampaignRulesError(`${name} must be ${DURATION_FORMAT}, from ${minMs} to ${maxMs} ms`);
}

function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new CampaignRulesError(`${name} must be a whole number from ${min} to ${max}`);
}

function boolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new CampaignRulesError(`${name} must be true or false`);
}

function list(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new CampaignRulesError(`${name} must be a list`);
}

function isWeekday(value: unknown): value is Weekday {
  return (WEEKDAYS as readonly unknown[]).includes(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
