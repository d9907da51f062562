import { isRecord } from './is-record.js';
import {
  REGION_FORMAT,
  type RegionalRule,
  type RegionalRulesChoice,
  type RegionalRuleSource,
} from './regional-rules.js';
import { boolean, CampaignRulesError, isCalendarDay, list, parseWindow, wholeNumber } from './rule-fields.js';

/**
 * Validates the choice of regional rules and completes it.
 *
 * @param base what a field that is left out stays at
 * @throws {CampaignRulesError} naming the field
 */
export function parseRegionalRules(input: unknown, base: RegionalRulesChoice): RegionalRulesChoice {
  if (!isRecord(input))
    throw new CampaignRulesError('regional must be an object such as { "packaged": true, "own": [] }');
  rejectUnknown('regional', input, ['packaged', 'own']);
  const { packaged, own } = input;
  return {
    packaged: packaged === undefined ? base.packaged : boolean('regional.packaged', packaged),
    own: own === undefined ? base.own : parseRegionalRuleList('regional.own', own),
  };
}

/**
 * Validates regional rules.
 *
 * @param name of the list, in errors
 * @throws {CampaignRulesError} naming the field
 */
export function parseRegionalRuleList(name: string, input: unknown): readonly RegionalRule[] {
  const rules = list(name, input).map((rule, index) => parseRule(`${name}[${index}]`, rule));
  const regions = rules.map(({ region }) => region);
  const twice = regions.find((region, index) => regions.indexOf(region) !== index);
  if (twice === undefined) return rules;
  throw new CampaignRulesError(`${name} has two rules for ${twice}: make them one`);
}

const FIELDS = ['region', 'windows', 'holidays', 'maxCallsPer24h', 'sources', 'note'];

function parseRule(name: string, input: unknown): RegionalRule {
  if (!isRecord(input)) throw new CampaignRulesError(`${name} must be an object such as { "region": "US-FL", … }`);
  rejectUnknown(name, input, FIELDS);
  const { region, windows, holidays, maxCallsPer24h: cap, sources, note } = input;
  if (typeof region !== 'string' || !REGION_FORMAT.test(region)) {
    throw new CampaignRulesError(`${name}.region must be a code of ISO 3166, such as "FR" or "US-FL"`);
  }
  return {
    region,
    windows: list(`${name}.windows`, windows).map((window) => parseWindow(`${name}.windows`, window)),
    ...(holidays !== undefined && {
      holidays: list(`${name}.holidays`, holidays).map((day) => parseHoliday(`${name}.holidays`, day)),
    }),
    ...(cap !== undefined && { maxCallsPer24h: wholeNumber(`${name}.maxCallsPer24h`, cap, 1, 100) }),
    sources: parseSources(`${name}.sources`, sources),
    ...(note !== undefined && { note: text(`${name}.note`, note) }),
  };
}

const HOLIDAY =
  /^(?:(?<yearly>\d\d-\d\d)(?: observed)?|(?:[1-4](?:st|nd|rd|th)|last) (?:mon|tue|wed|thu|fri|sat|sun) of (?:0[1-9]|1[0-2])|easter(?:[+-]\d{1,2})?)$/;

function parseHoliday(name: string, day: unknown): string {
  if (isCalendarDay(day)) return day;
  const match = typeof day === 'string' ? HOLIDAY.exec(day) : null;
  const yearly = match?.groups?.['yearly'];
  // A leap year has every day.
  if (match && (yearly === undefined || isCalendarDay(`2028-${yearly}`))) return match[0];
  throw new CampaignRulesError(
    `${name} must be days such as "2026-12-25", "12-25", "12-25 observed", "4th thu of 11", "last mon of 05" and "easter+1"`,
  );
}

function parseSources(name: string, value: unknown): RegionalRuleSource[] {
  const sources = list(name, value).map((source, index) => parseSource(`${name}[${index}]`, source));
  if (sources.length > 0) return sources;
  throw new CampaignRulesError(
    `${name} must say where the rule comes from, such as [{ "citation": "Fla. Stat. 501.616" }]`,
  );
}

function parseSource(name: string, input: unknown): RegionalRuleSource {
  if (!isRecord(input))
    throw new CampaignRulesError(`${name} must be an object such as { "citation": "Fla. Stat. 501.616" }`);
  rejectUnknown(name, input, ['citation', 'url', 'consulted']);
  const { citation, url, consulted } = input;
  if (consulted !== undefined && !isCalendarDay(consulted)) {
    throw new CampaignRulesError(`${name}.consulted must be a day such as "2026-11-29"`);
  }
  return {
    citation: text(`${name}.citation`, citation),
    ...(url !== undefined && { url: text(`${name}.url`, url) }),
    ...(consulted !== undefined && { consulted }),
  };
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new CampaignRulesError(`${name} must be text that is not empty`);
}

function rejectUnknown(name: string, input: Record<string, unknown>, known: readonly string[]): void {
  const unknown = Object.keys(input).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new CampaignRulesError(`${name} has no field ${unknown}; known are ${known.join(', ')}`);
}
