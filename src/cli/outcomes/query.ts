import { existsSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

import { parseDurationMs } from '../../contract/duration.js';
import { openOutcomeStore } from '../../outcomes/open.js';
import type { OutcomeStore } from '../../outcomes/store.js';
import { parseOutcomesUrl } from '../../outcomes/url.js';
import { loadOutcomesUrl } from '../../worker/config.js';
import { CliError, EXIT_CODES } from '../terminal.js';

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

/** Opens the outcome store of the environment for as long as `use` takes. */
export async function withOutcomeStore<T>(use: (store: OutcomeStore) => Promise<T>): Promise<T> {
  const url = loadOutcomesUrl();
  refuseWhatKeepsNothing(url);
  const store = await openOutcomeStore(url);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

function refuseWhatKeepsNothing(url: string): void {
  const target = parseOutcomesUrl(url);
  if (target.kind === 'off') {
    throw new CliError('outcomes are not kept: POLYAI_OUTCOMES_URL is "off"', EXIT_CODES.usage);
  }
  // To open it would make it, and a question in the wrong folder should not look like one that has no answer.
  if (target.kind === 'sqlite' && !existsSync(target.path)) {
    throw new CliError(
      `no outcomes are kept in ${target.path} so far: go to the worker's folder, or set POLYAI_OUTCOMES_URL as the worker has it`,
    );
  }
}

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];
