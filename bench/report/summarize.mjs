import { DOLLARS_PER_ACTION } from '../billing.mjs';
import { percentile, spread } from '../statistics.mjs';

const KIB = 1_024;
const MIB = KIB ** 2;
const MINUTE_MS = 60_000;

/**
 * @typedef {import('../steady-state.mjs').Figures} Figures
 * @typedef {import('../statistics.mjs').Spread} Spread
 * @typedef {import('../bench.mjs').Row} Row
 *
 * The figures of a row, over its repeats.
 *
 * @typedef {ReturnType<typeof summarize> & Compared} Summary
 *
 * @typedef {object} Compared
 * @property {Spread | undefined} kibPerFurtherCall memory of each call beyond those of the row with the fewest
 * @property {Spread | undefined} timesBare worker CPU of a held poll, as a multiple of the bare loop's
 */

/**
 * @param {readonly Row[]} rows
 * @returns {Summary[]}
 */
export function summarizeAll(rows) {
  return rows.map((row) => ({
    ...summarize(row),
    kibPerFurtherCall: memoryOfFurtherCalls(row, rows),
    timesBare: timesBare(row, rows),
  }));
}

/**
 * What each live call takes beyond those of the same shape's row with the fewest, by the medians, while the calls stand.
 *
 * @param {Row} row
 * @param {readonly Row[]} rows
 */
function memoryOfFurtherCalls({ shape, live, runs }, rows) {
  const measured = rows.filter((row) => row.shape === shape && row.runs.length > 0);
  const fewest = measured.reduce((a, b) => (b.live < a.live ? b : a), measured[0]);
  if (!fewest || live === fewest.live) return undefined;
  const base = spread(fewest.runs.map(({ standing }) => standing.usualWorkerBytes));
  const baseLive = spread(fewest.runs.map(({ standing }) => standing.live));
  if (!base || !baseLive) return undefined;
  return spread(
    runs.map(({ standing: { usualWorkerBytes: bytes, live: standing } }) =>
      bytes === undefined ? undefined : (bytes - base.median) / KIB / (standing - baseLive.median),
    ),
  );
}

/** @param {Row} row @param {readonly Row[]} rows */
function timesBare({ live, runs }, rows) {
  const bare = rows.find((row) => row.shape === 'bare' && row.live === live);
  const floor = spread(bare?.runs.map(heldPollCpuMs) ?? []);
  return floor && spread(runs.map((run) => scaled(heldPollCpuMs(run), 1 / floor.median)));
}

/** @param {Row} row */
function summarize({ shape, live, runs, missing }) {
  /** @param {(run: Figures) => number | undefined} figure */
  const over = (figure) => spread(runs.map(figure));
  return {
    ...{ shape, live, missing },
    arrivalsPerSecond: over((run) => run.arrivalsPerSecond),
    meanCallSeconds: over((run) => run.meanCallMs / 1_000),
    fillSeconds: over((run) => run.fillMs / 1_000),
    unpolled: over((run) => run.unpolled),
    ...keepingUp(over),
    ...costs(over),
    ...processes(over),
  };
}

/** @typedef {(figure: (run: Figures) => number | undefined) => Spread | undefined} Over */

/** @param {Over} over */
function keepingUp(over) {
  return {
    pollsWantedPerSecond: over((run) => (run.pollsWanted / windowMs(run)) * 1_000),
    pollsMadePercent: over((run) => (run.pollsMade / run.pollsWanted) * 100),
    standingPollsMadePercent: over(standingPollsMadePercent),
    p50Seconds: over((run) => scaled(percentile(run.lateness, 0.5), 1 / 1_000)),
    p99Seconds: over((run) => scaled(percentile(run.lateness, 0.99), 1 / 1_000)),
    maxSeconds: over((run) => scaled(run.lateness.at(-1), 1 / 1_000)),
    callsEnded: over((run) => run.callsEnded),
    unfinished: over((run) => run.unfinished),
    errors: over((run) => run.errors),
    awaited: over((run) => run.awaited),
    notStarted: over((run) => run.notStarted),
  };
}

/** @param {Over} over */
function costs(over) {
  return {
    eventsPerCall: over((run) => run.eventsPerCall),
    heartbeatsPerMinute: over((run) => scaled(run.heartbeats, MINUTE_MS / run.liveMs)),
    standingHeartbeatsPerMinute: over(({ standing }) =>
      scaled(standing.heartbeats, MINUTE_MS / (standing.live * windowMs(standing))),
    ),
    actionsPerCall: over(actionsPerCall),
    actionsPerMinute: over(actionsPerMinute),
    dollarsPer1000CallMinutes: over((run) => scaled(actionsPerMinute(run), 1_000 * DOLLARS_PER_ACTION)),
  };
}

/** @param {Over} over */
function processes(over) {
  return {
    heldPollCpuMs: over(heldPollCpuMs),
    pollCpuMs: over((run) => scaled(run.workerCpuMs, 1 / run.pollsInAll)),
    turnoverCpuMs: over(turnoverCpuMs),
    workerCores: over((run) => scaled(run.workerCpuMs, 1 / windowMs(run))),
    serverCores: over((run) => scaled(run.serverCpuMs, 1 / windowMs(run))),
    simulatorCores: over((run) => scaled(run.simulatorCpuMs, 1 / windowMs(run))),
    clientCores: over((run) => run.clientCpuMs / windowMs(run)),
    workerMiB: over((run) => scaled(run.workerBytes, 1 / MIB)),
  };
}

/** Worker CPU of a poll while no call begins or ends. @param {Figures} run */
function heldPollCpuMs({ standing }) {
  return standing.pollsInAll === 0 ? undefined : scaled(standing.workerCpuMs, 1 / standing.pollsInAll);
}

/** Worker CPU of a call's beginning and end: what the window took beyond its polls, for each call that began. @param {Figures} run */
function turnoverCpuMs(run) {
  const held = heldPollCpuMs(run);
  if (held === undefined || run.workerCpuMs === undefined || run.callsBegun === 0) return undefined;
  return (run.workerCpuMs - held * run.pollsInAll) / run.callsBegun;
}

/** Heartbeats included, where they are known. @param {Figures} run */
function actionsPerCall({ actionsPerCall: actions, heartbeats = 0, liveMs, meanCallMs }) {
  return actions === undefined ? undefined : actions + (heartbeats / liveMs) * meanCallMs;
}

/** @param {Figures} run */
function actionsPerMinute(run) {
  return scaled(actionsPerCall(run), MINUTE_MS / run.meanCallMs);
}

/** @param {Figures} run */
function standingPollsMadePercent({ standing, intervalMs }) {
  return (standing.pollsMade / ((standing.live * windowMs(standing)) / intervalMs)) * 100;
}

/** @param {{ fromAt: number, toAt: number }} window */
function windowMs({ fromAt, toAt }) {
  return toAt - fromAt;
}

/** @param {number | undefined} value @param {number} factor */
function scaled(value, factor) {
  return value === undefined ? undefined : value * factor;
}
