import type { Results, TurnoverRow } from './results.js';
import { cell, digits, spread, table, type Spread } from './format.js';
import type { Summary } from './summary.js';

type Columns = readonly (readonly [title: string, value: (summary: Summary) => string])[];

const NAME_COLUMNS: Columns = [
  ['shape', ({ shape }) => shape],
  ['live calls', ({ live }) => String(live)],
];

const MAIN_COLUMNS: Columns = [
  ...NAME_COLUMNS,
  ['polls/s wanted', ({ pollsWantedPerSecond }) => cell(pollsWantedPerSecond)],
  ['made, %', ({ pollsMadePercent }) => cell(pollsMadePercent)],
  ['late p50, s', (row) => late(row.p50Seconds, row, 0.5)],
  ['late p99, s', (row) => late(row.p99Seconds, row, 0.01)],
  ['late max, s', (row) => late(row.maxSeconds, row, 0)],
  ['events/call', ({ eventsPerCall }) => cell(eventsPerCall)],
  ['actions/call-minute', ({ actionsPerMinute }) => cell(actionsPerMinute)],
  ['$/1,000 call-minutes', ({ dollarsPer1000CallMinutes }) => cell(dollarsPer1000CallMinutes)],
  ['worker CPU/held poll, ms', ({ heldPollCpuMs }) => cell(heldPollCpuMs)],
  ['× bare', ({ timesBare }) => cell(timesBare)],
  ['KiB/further live call', ({ kibPerFurtherCall }) => cell(kibPerFurtherCall)],
  ['server, cores', ({ serverCores }) => cell(serverCores)],
];

/** What a call costs besides its polls. */
const TURNOVER_COLUMNS: Columns = [
  ...NAME_COLUMNS,
  ['calls/s', ({ arrivalsPerSecond }) => cell(arrivalsPerSecond)],
  ['events', ({ eventsPerCall }) => cell(eventsPerCall)],
  ['worker CPU, ms', ({ turnoverCpuMs }) => cell(turnoverCpuMs)],
  ['server CPU, ms', ({ turnoverServerCpuMs }) => cell(turnoverServerCpuMs)],
  ['KiB while it is live', ({ kibPerFurtherCall }) => cell(kibPerFurtherCall)],
  ['worker memory at most, MiB', ({ workerMiB }) => cell(workerMiB)],
];

const FURTHER_COLUMNS: Columns = [
  ...NAME_COLUMNS,
  ['calls/s', ({ arrivalsPerSecond }) => cell(arrivalsPerSecond)],
  ['mean length, s', ({ meanCallSeconds }) => cell(meanCallSeconds)],
  ['all started in, s', ({ fillSeconds }) => cell(fillSeconds)],
  ['standing: polls made, %', ({ standingPollsMadePercent }) => cell(standingPollsMadePercent)],
  ['calls ended', ({ callsEnded }) => cell(callsEnded)],
  ['unfinished', ({ unfinished }) => cell(unfinished)],
  ['not started', ({ notStarted }) => cell(notStarted)],
  ['actions/call', ({ actionsPerCall }) => cell(actionsPerCall)],
  ['heartbeats/call-minute', ({ heartbeatsPerMinute }) => cell(heartbeatsPerMinute)],
  ['standing: heartbeats/call-minute', ({ standingHeartbeatsPerMinute }) => cell(standingHeartbeatsPerMinute)],
  ['worker CPU/poll, all, ms', ({ pollCpuMs }) => cell(pollCpuMs)],
  ['worker, cores', ({ workerCores }) => cell(workerCores)],
  ['simulated API, cores', ({ simulatorCores }) => cell(simulatorCores)],
  ['client, cores', ({ clientCores }) => cell(clientCores)],
];

/** The report of a benchmark. */
export function toMarkdown(results: Results, summaries: readonly Summary[]): string {
  const { command, options, shapes, turnover } = results;
  const measured = summaries.filter(({ callsEnded }) => callsEnded !== undefined);
  const parts = [
    `# ${command}`,
    ...describeSetting(results),
    `Polled every ${options.interval} s; window ${options.seconds} s. Runs of each: ${options.repeat}. ` +
      'Figures are their medians, in brackets the lowest and the highest.',
    shapes.map(({ name, about }) => `- \`${name}\`: ${about}`).join('\n'),
    tableOf(MAIN_COLUMNS, measured),
    ...notesOf(summaries),
    '![Lateness](lateness.svg)',
    'A call’s start and end:',
    tableOf(TURNOVER_COLUMNS, measured),
    ...turnoverPart(turnover),
    'More of the same runs:',
    tableOf(FURTHER_COLUMNS, measured),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** When, where and with what it was measured. */
export function describeSetting({ startedAt, machine }: Pick<Results, 'startedAt' | 'machine'>): string[] {
  const { cpu, cores, memoryGiB, system, node, build, baseline, loadAverage, server } = machine;
  return [
    `${startedAt}. ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}. Temporal: ${server}.`,
    `temporal-polyai ${build}. ` +
      (baseline === undefined ? '' : `Baseline: ${baseline}. `) +
      `Load average before: ${loadAverage.toFixed(1)}.`,
  ];
}

function tableOf(columns: Columns, summaries: readonly Summary[]): string {
  return table(
    columns.map(([title]) => title),
    summaries.map((summary) => columns.map(([, value]) => value(summary))),
  );
}

/** What the reader of the figures has to know, as one list. */
function notesOf(summaries: readonly Summary[]): string[] {
  const notes = summaries.flatMap((summary) => {
    const { shape, live, missing, unpolled, callsEnded, notStarted } = summary;
    const row = `\`${shape}\`, ${live} live calls`;
    return [
      ...(missing === undefined ? [] : [`${row}: ${callsEnded ? '' : 'not measured. '}${missing}`]),
      ...(unpolled?.max ? [`${row}: ${digits(unpolled.median)} were not polled once when all had been started.`] : []),
      ...(isFallingBehind(summary)
        ? [`${row}: starting falls behind, ${cell(notStarted)} calls were not started at the window’s end.`]
        : []),
      ...(callsEnded && summary.eventsPerCall && !summary.heartbeatsPerMinute
        ? [`${row}: heartbeats not counted; actions and dollars are without them.`]
        : []),
    ];
  });
  return notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : [];
}

/** More calls wait to be started than arrive in five seconds. */
function isFallingBehind({ notStarted, arrivalsPerSecond }: Summary): boolean {
  return (notStarted?.median ?? 0) > 5 * (arrivalsPerSecond?.median ?? Infinity);
}

function turnoverPart(rows: readonly TurnoverRow[]): string[] {
  const measured = rows.filter(({ runs }) => runs.length > 0);
  const notes = rows.flatMap(({ shape, missing }) => (missing === undefined ? [] : [`- \`${shape}\`: ${missing}`]));
  if (measured.length === 0 && notes.length === 0) return [];
  const cells = measured.map(({ shape, runs }) => [
    shape,
    cell(spread(runs.map(({ emptyPerSecond }) => emptyPerSecond))),
    cell(spread(runs.map(({ ownPerSecond }) => ownPerSecond))),
    cell(spread(runs.map(({ ownPerSecond, emptyPerSecond }) => (ownPerSecond / emptyPerSecond) * 100))),
  ]);
  const titles = ['shape', 'empty workflow', 'monitor of a call that is over', 'monitor ÷ empty, %'];
  const title = 'Workflows started and finished, a second:';
  return [title, ...(cells.length > 0 ? [table(titles, cells)] : []), ...(notes.length > 0 ? [notes.join('\n')] : [])];
}

/**
 * A percentile; when more calls have no result than it leaves out, it is only a lower bound.
 *
 * @param leftOut share of the calls
 */
function late(value: Spread | undefined, { unfinished, callsEnded }: Summary, leftOut: number): string {
  const isBound = (unfinished?.max ?? 0) > leftOut * (callsEnded?.min ?? 0);
  return `${isBound ? '≥ ' : ''}${cell(value)}`;
}
