import { InvalidArgumentError } from 'commander';

import { parseDurationMs } from '../../contract/duration.js';

const DATE_AND_TIME = /^\d{4}-\d\d-\d\d(?<time>T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?<zone>Z|[+-]\d\d:\d\d)?)?$/i;

/** A point in time, in ISO 8601: so long ago, or a date with or without a time, in UTC unless it names its zone. */
export function timeArgument(value: string): string {
  const agoMs = parseDurationMs(value);
  const at = new Date(agoMs === undefined ? parseTimeMs(value) : Date.now() - agoMs);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  throw new InvalidArgumentError('It must be a duration such as "24h", or a time such as 2026-01-31T12:00:00Z.');
}

/** How many; 0 stands for all. */
export function limitArgument(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number; 0 stands for all.');
}

function parseTimeMs(value: string): number {
  const match = DATE_AND_TIME.exec(value);
  if (!match) return NaN;
  const isLocal = match.groups?.['time'] !== undefined && match.groups['zone'] === undefined;
  return Date.parse(isLocal ? `${value}Z` : value);
}
