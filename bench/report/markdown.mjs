import { shapeNamed } from '../shapes/index.mjs';
import { spread } from '../statistics.mjs';
import { cell, digits, table } from './cells.mjs';

/** @typedef {import('../statistics.mjs').Spread} Spread */
/** @typedef {readonly [string, (summary: import('./summarize.mjs').Summary) => string][]} Columns */

/** @type {Columns} */
const NAME_COLUMNS = [
  ['shape', ({ shape }) => shape],
  ['live calls', ({ live }) => String(live)],
];

/** @type {Columns} */
const MAIN_COLUMNS = [
  ...NAME_COLUMNS,
  ['polls/s wanted', ({ pollsWantedPerSecond }) => cell(pollsWantedPerSecond)],
  ['made, %', ({ pollsMadePercent }) => cell(pollsMadePercent)],
  ['late p50, s', ({ p50Seconds, ...row }) => late(p50Seconds, row, 0.5)],
  ['late p99, s', ({ p99Seconds, ...row }) => late(p99Seconds, row, 0.01)],
  ['late max, s', ({ maxSeconds, ...row }) => late(maxSeconds, row, 0)],
  ['events/call', ({ eventsPerCall }) => cell(eventsPerCall)],
  ['actions/call-minute', ({ actionsPerMinute }) => cell(actionsPerMinute)],
  ['$/1,000 call-minutes', ({ dollarsPer1000CallMinutes }) => cell(dollarsPer1000CallMinutes)],
  ['worker CPU/held poll, ms', ({ heldPollCpuMs }) => cell(heldPollCpuMs)],
  ['× bare', ({ timesBare }) => cell(timesBare)],
  ['KiB/further live call', ({ kibPerFurtherCall }) => cell(kibPerFurtherCall)],
  ['server, cores', ({ serverCores }) => cell(serverCores)],
];

/** @type {Columns} */
const FURTHER_COLUMNS = [
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
  ['worker CPU/call’s start and end, ms', ({ turnoverCpuMs }) => cell(turnoverCpuMs)],
  ['worker, cores', ({ workerCores }) => cell(workerCores)],
  ['simulated API, cores', ({ simulatorCores }) => cell(simulatorCores)],
  ['client, cores', ({ clientCores }) => cell(clientCores)],
  ['worker memory at most, MiB', ({ workerMiB }) => cell(workerMiB)],
];

/**
 * @param {import('../bench.mjs').Results} results
 * @param {readonly import('./summarize.mjs').Summary[]} summaries
 */
export function toMarkdown({ command, startedAt, machine, options, turnover }, summaries) {
  const measured = summaries.filter(({ callsEnded }) => callsEnded !== undefined);
  return [
    `# ${command}`,
    ...describeSetting({ startedAt, machine }),
    `Polled every ${options.intervalMs / 1_000} s; window ${options.seconds} s. Runs of each: ${options.repeat}. ` +
      'Figures are their medians, in brackets the lowest and the highest.',
    options.shapes
      .map(shapeNamed)
      .map(({ name, about }) => `- \`${name}\`: ${about}`)
      .join('\n'),
    tableOf(MAIN_COLUMNS, measured),
    ...notes(summaries),
    '![Lateness](lateness.svg)',
    ...turnoverPart(turnover),
    'More of the same runs:',
    tableOf(FURTHER_COLUMNS, measured),
  ]
    .join('\n\n')
    .concat('\n');
}

/**
 * Where and with what it was measured.
 *
 * @param {Pick<import('../bench.mjs').Results, 'startedAt' | 'machine'>} results
 */
export function describeSetting({ startedAt, machine }) {
  const { cpu, cores, memoryGiB, system, node, package: version, commit, loadAverage, server } = machine;
  return [
    `${startedAt}. ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}. Temporal: ${server}.`,
    `temporal-polyai ${version}, commit ${commit}. Load average before: ${loadAverage.toFixed(1)}.`,
  ];
}

/** @param {Columns} columns @param {readonly import('./summarize.mjs').Summary[]} summaries */
function tableOf(columns, summaries) {
  return table(
    columns.map(([title]) => title),
    summaries.map((summary) => columns.map(([, value]) => value(summary))),
  );
}

/** What the figures do not say by themselves. @param {readonly import('./summarize.mjs').Summary[]} summaries */
function notes(summaries) {
  const all = summaries.flatMap((summary) => {
    const { shape, live, missing, unpolled, callsEnded, notStarted } = summary;
    const row = `\`${shape}\`, ${live} live calls`;
    return [
      ...(missing === undefined ? [] : [`${row}: ${callsEnded ? '' : 'not measured. '}${missing}`]),
      ...(unpolled?.max ? [`${row}: ${digits(unpolled.median)} were not polled once when all had been started.`] : []),
      ...(isFallingBehind(summary)
        ? [`${row}: starting falls behind, ${cell(notStarted)} calls were waiting for it at the window’s end.`]
        : []),
      ...(callsEnded && summary.eventsPerCall && !summary.heartbeatsPerMinute
        ? [`${row}: heartbeats not counted; actions and dollars are without them.`]
        : []),
    ];
  });
  return all.length > 0 ? [all.map((note) => `- ${note}`).join('\n')] : [];
}

/** More wait for their start than arrive in five seconds. @param {import('./summarize.mjs').Summary} summary */
function isFallingBehind({ notStarted, arrivalsPerSecond }) {
  return (notStarted?.median ?? 0) > 5 * (arrivalsPerSecond?.median ?? Infinity);
}

/** @param {readonly import('../bench.mjs').TurnoverRow[]} rows */
function turnoverPart(rows) {
  const measured = rows.filter(({ runs }) => runs.length > 0);
  if (measured.length === 0) return [];
  const cells = measured.map(({ shape, runs }) => [
    shape,
    cell(spread(runs.map(({ emptyPerSecond }) => emptyPerSecond))),
    cell(spread(runs.map(({ ownPerSecond }) => ownPerSecond))),
    cell(spread(runs.map(({ ownPerSecond, emptyPerSecond }) => (ownPerSecond / emptyPerSecond) * 100))),
  ]);
  const titles = ['shape', 'empty workflow', 'monitor of a call that is over', 'monitor ÷ empty, %'];
  return ['Workflows started and finished, a second:', table(titles, cells)];
}

/**
 * Where more calls have no result than the percentile leaves out, the figure is only known to be at least that.
 *
 * @param {Spread | undefined} value
 * @param {Pick<import('./summarize.mjs').Summary, 'unfinished' | 'callsEnded'>} row
 * @param {number} leftOut share of the calls
 */
function late(value, { unfinished, callsEnded }, leftOut) {
  const isBound = (unfinished?.max ?? 0) > leftOut * (callsEnded?.min ?? 0);
  return `${isBound ? '≥ ' : ''}${cell(value)}`;
}
