import { quantileSorted } from 'simple-statistics';
import type { Machine } from '../machine.js';
import { periodMs } from '../measure/usage.js';
import type { FailingOptions } from '../options.js';
import { digits, table } from '../report/format.js';
import { describeSetting } from '../report/markdown.js';
import type { FailingFigures } from './run-failing.js';

const BYTES_PER_MIB = 1_024 ** 2;

/** All that was measured; `failing.json` has it. */
export interface FailingResults {
  readonly command: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly options: FailingOptions;
  readonly runs: readonly FailingFigures[];
}

/** The report: how long healthy calls wait for their next poll. */
export function toMarkdown(results: FailingResults): string {
  const { command, options, runs } = results;
  const titles = [
    'failing, %',
    'gap p50, s',
    'gap p99, s',
    'gap max, s',
    'requests/s',
    'CPU/request, ms',
    'memory, MiB',
  ];
  const parts = [
    `# ${command}`,
    ...describeSetting(results),
    `\`${options.shape}\`: one worker, ${options.live} live calls polled every ${options.interval} s, ±20 %. ` +
      'Some are answered with 500 from their start on. A gap is the time between two polls of a healthy call.',
    table(titles, runs.map(rowOf)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function rowOf({ percent, gapsMs, usage }: FailingFigures): string[] {
  const { pollsInAll, workerCpuMs, workerBytes } = usage;
  const gap = (share: number): number | undefined =>
    gapsMs.length === 0 ? undefined : quantileSorted(gapsMs, share) / 1_000;
  return [
    percent,
    ...[gap(0.5), gap(0.99), gap(1)],
    (pollsInAll / periodMs(usage)) * 1_000,
    workerCpuMs && workerCpuMs / pollsInAll,
    workerBytes && workerBytes / BYTES_PER_MIB,
  ].map((value) => (value === undefined ? '–' : digits(value)));
}
