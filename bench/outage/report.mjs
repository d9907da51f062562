import { cell, digits, table } from '../report/cells.mjs';
import { describeSetting } from '../report/markdown.mjs';
import { percentile, spread } from '../statistics.mjs';

/**
 * Requests a second, and what the worker took for them.
 *
 * @typedef {object} Part
 * @property {number} mean requests a second
 * @property {number} median of the seconds
 * @property {number} most in one second
 * @property {number | undefined} workerCores
 * @property {number | undefined} workerMiB
 * @property {number | undefined} heartbeats
 */

/** @param {import('./outage.mjs').OutageResults} results */
export function summarizeOutage({ figures }) {
  const { used, outageFrom, outageTo } = figures;
  const before = partOf(figures, used.before, used.before.fromAt, used.before.toAt);
  const during = partOf(figures, used.during, outageFrom, outageTo);
  const after = partOf(figures, used.after, outageTo, used.after.toAt);
  return { before, during, after, shareDuringPercent: (during.mean / before.mean) * 100 };
}

/**
 * @param {import('./run-outage.mjs').OutageFigures} figures
 * @param {import('../usage.mjs').Used} used
 * @param {number} fromAt
 * @param {number} toAt
 * @returns {Part}
 */
function partOf({ perSecond }, used, fromAt, toAt) {
  const counts = new Map(perSecond.map(({ second, good, refused }) => [second, good + refused]));
  // Whole seconds only.
  const first = Math.ceil(fromAt / 1_000);
  const seconds = Array.from({ length: Math.max(1, Math.floor(toAt / 1_000) - first) }, (_, index) => first + index);
  const sorted = seconds.map((second) => counts.get(second) ?? 0).sort((a, b) => a - b);
  return {
    mean: sorted.reduce((sum, count) => sum + count, 0) / sorted.length,
    median: percentile(sorted, 0.5) ?? 0,
    most: sorted.at(-1) ?? 0,
    workerCores: used.workerCpuMs === undefined ? undefined : used.workerCpuMs / (used.toAt - used.fromAt),
    workerMiB: used.workerBytes === undefined ? undefined : used.workerBytes / 1_024 ** 2,
    heartbeats: used.heartbeats,
  };
}

/**
 * @param {import('./outage.mjs').OutageResults} results
 * @param {ReturnType<typeof summarizeOutage>} summary
 */
export function toMarkdown(
  { command, startedAt, machine, options, figures },
  { before, during, after, shareDuringPercent },
) {
  const { shape, live, intervalMs, outageMs, afterMs } = options;
  const all = figures.live + figures.ended;
  const unknown = all - figures.completed - figures.failures.length;
  return [
    `# ${command}`,
    ...describeSetting({ startedAt, machine }),
    `\`${shape}\`: one worker, ${live} live calls polled every ${intervalMs / 1_000} s. The API answered 503 to everything for ` +
      `${digits(outageMs / 60_000)} min.`,
    table(
      ['', 'requests/s, mean', 'median', 'most', 'worker, cores', 'worker memory, MiB', 'heartbeats'],
      [partRow('before', before), partRow('during', during), partRow(`the ${afterMs / 1_000} s after`, after)],
    ),
    '![Requests a second](requests.svg)',
    [
      `- Requests during the outage: ${digits(shareDuringPercent)} % of the normal rate.`,
      `- Live calls polled with success after it: ${figures.liveSeen} of ${figures.live}${whenAll(figures.allLiveSeenMs)}`,
      `- Calls that ended during it and have their result: ${figures.endedKnown} of ${figures.ended}` +
        whenAll(figures.allEndedKnownMs),
      `- Monitors that failed: ${figures.failures.length} of ${all}. Completed, all calls having ended: ${figures.completed}` +
        (unknown > 0 ? `; ${unknown} have no result yet.` : '.'),
      ...figures.failures.slice(0, 3).map((failure) => `  - ${failure}`),
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

/** @param {number | undefined} ms */
function whenAll(ms) {
  return ms === undefined ? '.' : `, the last ${digits(ms / 1_000)} s after its end.`;
}

/** @param {string} name @param {Part} part */
function partRow(name, { mean, median, most, workerCores, workerMiB, heartbeats }) {
  return [name, digits(mean), ...[median, most, workerCores, workerMiB, heartbeats].map((one) => cell(spread([one])))];
}
