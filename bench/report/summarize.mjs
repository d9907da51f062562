import { DOLLARS_PER_ACTION } from '../billing.mjs';
import { percentile, spread } from '../statistics.mjs';

const KIB = 1_024;
const MIB = KIB ** 2;

/**
 * The figures of a row, over its repeats.
 *
 * @typedef {ReturnType<typeof summarize> & { kibPerFurtherCall: import('../statistics.mjs').Spread | undefined }} Summary
 */

/**
 * @param {readonly import('../bench.mjs').Row[]} rows
 * @returns {Summary[]}
 */
export function summarizeAll(rows) {
  return rows.map((row) => ({ ...summarize(row), kibPerFurtherCall: memoryOfFurtherCalls(row, rows) }));
}

/**
 * What each live call takes beyond those of the same shape's row with the fewest, by the medians.
 *
 * @param {import('../bench.mjs').Row} row
 * @param {readonly import('../bench.mjs').Row[]} rows
 */
function memoryOfFurtherCalls({ shape, live, runs }, rows) {
  const fewest = rows.filter((row) => row.shape === shape).reduce((a, b) => (b.live < a.live ? b : a));
  const base = spread(fewest.runs.map(({ workerBytes }) => workerBytes));
  if (live === fewest.live || !base) return undefined;
  return spread(runs.map(({ workerBytes }) => scaled(less(workerBytes, base.median), 1 / KIB / (live - fewest.live))));
}

/** @param {number | undefined} value @param {number} base */
function less(value, base) {
  return value === undefined ? undefined : value - base;
}

/** @param {import('../bench.mjs').Row} row */
function summarize({ shape, live, runs, missing }) {
  /** @param {(run: import('../steady-state.mjs').Figures) => number | undefined} figure */
  const over = (figure) => spread(runs.map(figure));
  return {
    shape,
    live,
    missing,
    callsEnded: over((run) => run.callsEnded),
    unfinished: over((run) => run.unfinished),
    errors: over((run) => run.errors),
    awaited: over((run) => run.awaited),
    pollsWantedPerSecond: over((run) => (run.pollsWanted / run.windowMs) * 1_000),
    pollsMadePercent: over((run) => (run.pollsMade / run.pollsWanted) * 100),
    p50Seconds: over((run) => seconds(percentile(run.lateness, 0.5))),
    p99Seconds: over((run) => seconds(percentile(run.lateness, 0.99))),
    maxSeconds: over((run) => seconds(run.lateness.at(-1))),
    eventsPerCall: over((run) => run.eventsPerCall),
    actionsPerMinute: over((run) => run.actionsPerMinute),
    dollarsPer1000CallMinutes: over((run) => scaled(run.actionsPerMinute, 1_000 * DOLLARS_PER_ACTION)),
    workerCpuMsPerPoll: over((run) => scaled(run.workerCpuMs, 1 / run.pollsInAll)),
    workerCores: over((run) => scaled(run.workerCpuMs, 1 / run.windowMs)),
    serverCores: over((run) => scaled(run.serverCpuMs, 1 / run.windowMs)),
    workerMiB: over((run) => scaled(run.workerBytes, 1 / MIB)),
  };
}

/** @param {number | undefined} value @param {number} factor */
function scaled(value, factor) {
  return value === undefined ? undefined : value * factor;
}

/** @param {number | undefined} ms */
function seconds(ms) {
  return scaled(ms, 1 / 1_000);
}
