import { quantileSorted } from 'simple-statistics';
import type { Row } from './results.js';
import { DOLLARS_PER_ACTION } from '../measure/cost.js';
import type { RunFigures } from '../measure/steady-state.js';
import { periodMs } from '../measure/usage.js';
import { spread, type Spread } from './format.js';

const BYTES_PER_KIB = 1_024;
const BYTES_PER_MIB = BYTES_PER_KIB ** 2;
const MINUTE_MS = 60_000;

type Figure = (run: RunFigures) => number | undefined;

/** The figures that a report has of each run. */
const FIGURES = {
  arrivalsPerSecond: (run) => run.arrivalsPerSecond,
  meanCallSeconds: (run) => run.meanCallMs / 1_000,
  fillSeconds: (run) => run.fillMs / 1_000,
  unpolled: (run) => run.unpolled,

  pollsWantedPerSecond: (run) => (run.pollsWanted / periodMs(run)) * 1_000,
  pollsMadePercent: (run) => (run.pollsMade / run.pollsWanted) * 100,
  standingPollsMadePercent: ({ standing, intervalMs }) =>
    (standing.pollsMade / ((standing.live * periodMs(standing)) / intervalMs)) * 100,
  p50Seconds: (run) => latenessSeconds(run, 0.5),
  p99Seconds: (run) => latenessSeconds(run, 0.99),
  maxSeconds: (run) => latenessSeconds(run, 1),
  callsEnded: (run) => run.callsEnded,
  unfinished: (run) => run.unfinished,
  errors: (run) => run.errors,
  awaited: (run) => run.awaited,
  notStarted: (run) => run.notStarted,

  eventsPerCall: (run) => run.eventsPerCall,
  heartbeatsPerMinute: (run) => divided(run.heartbeats, run.liveMs / MINUTE_MS),
  standingHeartbeatsPerMinute: ({ standing }) =>
    divided(standing.heartbeats, (standing.live * periodMs(standing)) / MINUTE_MS),
  actionsPerCall,
  actionsPerMinute,
  dollarsPer1000CallMinutes: (run) => divided(actionsPerMinute(run), 1 / (1_000 * DOLLARS_PER_ACTION)),

  heldPollCpuMs,
  pollCpuMs: (run) => divided(run.workerCpuMs, run.pollsInAll),
  turnoverCpuMs,
  turnoverServerCpuMs,
  workerCores: (run) => divided(run.workerCpuMs, periodMs(run)),
  serverCores: (run) => divided(run.serverCpuMs, periodMs(run)),
  simulatorCores: (run) => divided(run.simulatorCpuMs, periodMs(run)),
  clientCores: (run) => run.clientCpuMs / periodMs(run),
  workerMiB: (run) => divided(run.workerBytes, BYTES_PER_MIB),
} satisfies Record<string, Figure>;

/** A row's figures over its repeats, and how they compare with other rows. */
export interface Summary extends Readonly<Record<keyof typeof FIGURES, Spread | undefined>> {
  readonly shape: string;
  readonly live: number;
  readonly missing: string | undefined;
  /** Memory of each call beyond those of the same shape's row with the fewest. */
  readonly kibPerFurtherCall: Spread | undefined;
  /** Worker CPU of a held poll as a multiple of the bare loop's. */
  readonly timesBare: Spread | undefined;
}

/** Summarizes each row. */
export function summarize(rows: readonly Row[]): Summary[] {
  return rows.map((row) => {
    const figures = Object.entries<Figure>(FIGURES).map(([name, figure]) => [name, spread(row.runs.map(figure))]);
    return {
      ...{ shape: row.shape, live: row.live, missing: row.missing },
      ...(Object.fromEntries(figures) as Record<keyof typeof FIGURES, Spread | undefined>),
      kibPerFurtherCall: kibPerFurtherCall(row, rows),
      timesBare: timesBare(row, rows),
    };
  });
}

/** While the calls stand, beyond the medians of the same shape's row with the fewest calls. */
function kibPerFurtherCall({ shape, live, runs }: Row, rows: readonly Row[]): Spread | undefined {
  const measured = rows.filter((row) => row.shape === shape && row.runs.length > 0);
  const [fewest] = measured.toSorted((a, b) => a.live - b.live);
  if (!fewest || live === fewest.live) return undefined;
  const bytes = spread(fewest.runs.map(({ standing }) => standing.usualWorkerBytes));
  const standingLive = spread(fewest.runs.map(({ standing }) => standing.live));
  if (!bytes || !standingLive) return undefined;
  return spread(
    runs.map(({ standing: { usualWorkerBytes, live: standing } }) => {
      const furtherBytes = usualWorkerBytes && usualWorkerBytes - bytes.median;
      return divided(furtherBytes, (standing - standingLive.median) * BYTES_PER_KIB);
    }),
  );
}

function timesBare({ live, runs }: Row, rows: readonly Row[]): Spread | undefined {
  const bare = rows.find((row) => row.shape === 'bare' && row.live === live);
  const floor = spread(bare?.runs.map(heldPollCpuMs) ?? []);
  return floor && spread(runs.map((run) => divided(heldPollCpuMs(run), floor.median)));
}

/** @param share of the calls whose lateness is at most this */
function latenessSeconds({ lateness }: RunFigures, share: number): number | undefined {
  return lateness.length === 0 ? undefined : quantileSorted([...lateness], share) / 1_000;
}

/** Worker CPU of a poll while no call starts or ends. */
function heldPollCpuMs({ standing }: RunFigures): number | undefined {
  return standing.pollsInAll === 0 ? undefined : divided(standing.workerCpuMs, standing.pollsInAll);
}

/** Worker CPU of a call's start and end: what the window took beyond its polls, for each call that started. */
function turnoverCpuMs(run: RunFigures): number | undefined {
  const held = heldPollCpuMs(run);
  if (held === undefined || run.workerCpuMs === undefined || run.callsBegun === 0) return undefined;
  return (run.workerCpuMs - held * run.pollsInAll) / run.callsBegun;
}

/** The same of the server, whose processes have nothing to do for a held poll but its heartbeats. */
function turnoverServerCpuMs(run: RunFigures): number | undefined {
  const standingCores = divided(run.standing.serverCpuMs, periodMs(run.standing));
  if (standingCores === undefined || run.serverCpuMs === undefined || run.callsBegun === 0) return undefined;
  return (run.serverCpuMs - standingCores * periodMs(run)) / run.callsBegun;
}

/** Heartbeats included, where they are known. */
function actionsPerCall({ actionsPerCall: actions, heartbeats = 0, liveMs, meanCallMs }: RunFigures) {
  return actions === undefined ? undefined : actions + (heartbeats / liveMs) * meanCallMs;
}

function actionsPerMinute(run: RunFigures): number | undefined {
  return divided(actionsPerCall(run), run.meanCallMs / MINUTE_MS);
}

function divided(value: number | undefined, divisor: number): number | undefined {
  return value === undefined ? undefined : value / divisor;
}
