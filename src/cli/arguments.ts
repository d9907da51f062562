import { InvalidArgumentError } from 'commander';

import { CALL_SID_FORMAT, isCallSid } from '../contract/call.js';
import { CAMPAIGN_ID_FORMAT, isCampaignId } from '../contract/campaign.js';
import { formatDuration, parseDurationMs } from '../contract/duration.js';
import { DURATION_RULES } from '../workflows/monitor-input.js';

/** Parses a call SID. Like all functions here, it throws `InvalidArgumentError` for any other value. */
export function callSidArgument(value: string): string {
  if (isCallSid(value)) return value;
  throw new InvalidArgumentError(`Invalid call SID: expected ${CALL_SID_FORMAT}.`);
}

/** Parses the ID of a campaign. */
export function campaignArgument(value: string): string {
  if (isCampaignId(value)) return value;
  throw new InvalidArgumentError(`Invalid campaign ID: expected ${CAMPAIGN_ID_FORMAT}.`);
}

/** Parses a duration, in milliseconds, within the limits of a field of the monitor's input. */
export function durationArgument(name: keyof typeof DURATION_RULES): (value: string) => number {
  const { minMs, maxMs } = DURATION_RULES[name];
  return (value) => {
    const ms = parseDurationMs(value);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    const range = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
    throw new InvalidArgumentError(`It must be a duration ${range}, such as "3s", "90s" or "2h".`);
  };
}

/** Parses the path of a file. An empty one usually comes from a variable that is not set. */
export function fileArgument(value: string): string {
  if (value !== '') return value;
  throw new InvalidArgumentError('It must be the path of a file.');
}

const DATE_AND_TIME = /^(\d{4})-(\d\d)-(\d\d)(?<time>T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?<zone>Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * Parses a point in time, as ISO 8601: a duration before now, or a date with or without a time, which is UTC unless it has
 * a zone.
 */
export function timeArgument(value: string): string {
  const agoMs = parseDurationMs(value);
  const time = new Date(agoMs === undefined ? parseTimeMs(value) : Date.now() - agoMs);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError('It must be a duration such as "24h", or a time such as 2026-01-31T12:00:00Z.');
}

function parseTimeMs(value: string): number {
  const match = DATE_AND_TIME.exec(value);
  if (!match) return NaN;
  const [year = NaN, month = NaN, day = NaN] = match.slice(1, 4).map(Number);
  // Date.parse takes 30 February for 2 March.
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return NaN;
  const lacksZone = match.groups?.['time'] !== undefined && match.groups['zone'] === undefined;
  return Date.parse(lacksZone ? `${value}Z` : value);
}

/** Parses a country, in upper case. */
export function countryArgument(value: string): string {
  if (/^[a-z]{2}$/i.test(value)) return value.toUpperCase();
  throw new InvalidArgumentError('It must be two letters, such as GB (ISO 3166-1).');
}

/** Parses a number of results; 0 stands for all. */
export function limitArgument(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number; 0 stands for all.');
}

/** Parses a TCP port; 0 stands for any free one. */
export function portArgument(value: string): number {
  return wholeNumberArgument(value, 65_535);
}

/** Parses a seed of random numbers. */
export function seedArgument(value: string): number {
  return wholeNumberArgument(value, 2 ** 32 - 1);
}

function wholeNumberArgument(value: string, max: number): number {
  if (/^\d+$/.test(value) && Number(value) <= max) return Number(value);
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${max}.`);
}

/** Parses a probability, from 0 to 1. */
export function probabilityArgument(value: string): number {
  if (/^\d*\.?\d+$/.test(value) && Number(value) <= 1) return Number(value);
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}
