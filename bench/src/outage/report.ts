import { max, mean, median } from 'simple-statistics';
import type { Machine } from '../machine.js';
import { periodMs, type Usage } from '../measure/usage.js';
import type { OutageOptions } from '../options.js';
import { cell, digits, spread, table } from '../report/format.js';
import { describeSetting } from '../report/markdown.js';
import type { OutageFigures } from './run-outage.js';

const BYTES_PER_MIB = 1_024 ** 2;

/** All about an outage; `outage.json` has it. */
export interface OutageResults {
  readonly command: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly options: OutageOptions;
  readonly figures: OutageFigures;
}

export type OutageSummary = ReturnType<typeof summarizeOutage>;

export function summarizeOutage(figures: OutageFigures) {
  const { usage, outageFrom, outageTo } = figures;
  const before = summarizePeriod(figures, usage.before, usage.before.fromAt, usage.before.toAt);
  const during = summarizePeriod(figures, usage.during, outageFrom, outageTo);
  const after = summarizePeriod(figures, usage.after, outageTo, usage.after.toAt);
  return { before, during, after, shareDuringPercent: (during.mean / before.mean) * 100 };
}

/** Requests of each whole second from one time to another, both in epoch milliseconds. */
export function requestsPerSecond({ perSecond }: OutageFigures, fromAt: number, toAt: number) {
  const counts = new Map(perSecond.map(({ second, good, refused }) => [second, good + refused]));
  const first = Math.ceil(fromAt / 1_000);
  return Array.from({ length: Math.max(1, Math.floor(toAt / 1_000) - first) }, (_, index) => {
    const second = first + index;
    return { second, requests: counts.get(second) ?? 0 };
  });
}

/** Requests a second in a period, and what the worker used in it. */
function summarizePeriod(figures: OutageFigures, usage: Usage, fromAt: number, toAt: number) {
  const counts = requestsPerSecond(figures, fromAt, toAt).map(({ requests }) => requests);
  return {
    ...{ mean: mean(counts), median: median(counts), most: max(counts) },
    workerCores: usage.workerCpuMs && usage.workerCpuMs / periodMs(usage),
    workerMiB: usage.workerBytes && usage.workerBytes / BYTES_PER_MIB,
    heartbeats: usage.heartbeats,
  };
}

/** The report of an outage. */
export function toMarkdown(
  results: OutageResults,
  { before, during, after, shareDuringPercent }: OutageSummary,
): string {
  const { command, options, figures } = results;
  const { live, ended, completed, failures } = figures;
  const unknown = options.live - completed - failures.length;
  const periodRow = (name: string, period: OutageSummary['before']) => [
    name,
    ...Object.values(period).map((value) => cell(spread([value]))),
  ];
  const parts = [
    `# ${command}`,
    ...describeSetting(results),
    `\`${options.shape}\`: one worker, ${options.live} live calls polled every ${options.interval} s. ` +
      `The API answered 503 to everything for ${digits(options.minutes)} min.`,
    table(
      ['', 'requests/s, mean', 'median', 'most', 'worker, cores', 'worker memory, MiB', 'heartbeats'],
      [periodRow('before', before), periodRow('during', during), periodRow(`the ${options.after} s after`, after)],
    ),
    '![Requests a second](requests.svg)',
    [
      `- Requests during the outage: ${digits(shareDuringPercent)} % of the normal rate.`,
      `- Live calls polled with success after it: ${progress(live)}`,
      `- Calls that ended during it and have their result: ${progress(ended)}`,
      `- Monitors that failed: ${failures.length} of ${options.live}. Completed after all calls had ended: ${completed}` +
        (unknown > 0 ? `; ${unknown} have no result yet.` : '.'),
      ...failures.slice(0, 3).map((failure) => `  - ${failure}`),
    ].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function progress({ calls, reached, lastMs }: OutageFigures['live']): string {
  const last = lastMs === undefined ? '' : `, the last ${digits(lastMs / 1_000)} s after its end`;
  return `${reached} of ${calls}${last}.`;
}
