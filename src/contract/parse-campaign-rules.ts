import { type CampaignRules, type CampaignRulesInput, DEFAULT_CAMPAIGN_RULES } from './campaign-rules.js';
import { RETRIED_DISPOSITIONS, type RetriedDisposition } from './disposition.js';
import { DAY_MS, HOUR_MS } from './duration.js';
import { isRecord } from './is-record.js';
import { parseRegionalRules } from './parse-regional-rules.js';
import { boolean, CampaignRulesError, duration, isCalendarDay, list, parseWindow, wholeNumber } from './rule-fields.js';

/**
 * Validates rules and completes them.
 *
 * @param input a field that is `null` counts as left out, because clients in other languages send it; `deadline: null` removes the deadline
 * @param base what a field that is left out stays at
 * @throws {CampaignRulesError} naming the field, also for a field that does not exist
 */
export function parseCampaignRules(input: unknown, base: CampaignRules = DEFAULT_CAMPAIGN_RULES): CampaignRules {
  if (!isRecord(input)) throw new CampaignRulesError('rules must be an object such as { "maxAttempts": 3 }');
  const known: Record<keyof CampaignRulesInput, () => Partial<CampaignRules>> = {
    windows: () => ({ windows: list('windows', input['windows']).map((window) => parseWindow('windows', window)) }),
    holidays: () => ({ holidays: list('holidays', input['holidays']).map(parseHoliday) }),
    regional: () => ({ regional: parseRegionalRules(input['regional'], base.regional) }),
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
    weight: () => ({ weight: wholeNumber('weight', input['weight'], 1, 100) }),
    deadline: () => ({ deadlineMs: input['deadline'] === null ? null : parseDeadline(input['deadline']) }),
  };
  let rules = base;
  for (const [name, value] of Object.entries(input)) {
    if (!Object.hasOwn(known, name)) {
      throw new CampaignRulesError(`${name} is not a rule; known are ${Object.keys(known).join(', ')}`);
    }
    if (value !== undefined && (value !== null || name === 'deadline'))
      rules = { ...rules, ...known[name as keyof CampaignRulesInput]() };
  }
  return rules;
}

function parseHoliday(day: unknown): string {
  if (!isCalendarDay(day)) throw new CampaignRulesError('holidays must be days such as "2026-12-25"');
  return day;
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
