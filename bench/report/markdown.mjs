import { SHAPES } from '../shapes/index.mjs';
import { spread } from '../statistics.mjs';

/** @typedef {import('../statistics.mjs').Spread} Spread */

/** @type {readonly [string, (summary: import('./summarize.mjs').Summary) => string][]} */
const COLUMNS = [
  ['shape', ({ shape }) => shape],
  ['live calls', ({ live }) => String(live)],
  ['polls/s wanted', ({ pollsWantedPerSecond }) => cell(pollsWantedPerSecond)],
  ['made, %', ({ pollsMadePercent }) => cell(pollsMadePercent)],
  ['late p50, s', ({ p50Seconds, ...row }) => late(p50Seconds, row, 0.5)],
  ['late p99, s', ({ p99Seconds, ...row }) => late(p99Seconds, row, 0.01)],
  ['late max, s', ({ maxSeconds, ...row }) => late(maxSeconds, row, 0)],
  ['calls ended', ({ callsEnded }) => cell(callsEnded)],
  ['unfinished', ({ unfinished }) => cell(unfinished)],
  ['events/call', ({ eventsPerCall }) => cell(eventsPerCall)],
  ['actions/live minute', ({ actionsPerMinute }) => cell(actionsPerMinute)],
  ['$/1,000 call-minutes', ({ dollarsPer1000CallMinutes }) => cell(dollarsPer1000CallMinutes)],
  ['worker CPU/poll, ms', ({ workerCpuMsPerPoll }) => cell(workerCpuMsPerPoll)],
  ['worker, cores', ({ workerCores }) => cell(workerCores)],
  ['server, cores', ({ serverCores }) => cell(serverCores)],
  ['worker memory, MiB', ({ workerMiB }) => cell(workerMiB)],
  ['KiB/live call more', ({ kibPerFurtherCall }) => cell(kibPerFurtherCall)],
];

/**
 * @param {import('../bench.mjs').Results} results
 * @param {readonly import('./summarize.mjs').Summary[]} summaries
 */
export function toMarkdown({ command, startedAt, machine, options, turnover }, summaries) {
  const measured = summaries.filter(({ missing }) => missing === undefined);
  const missing = summaries.filter(({ missing: reason }) => reason !== undefined);
  const { cpu, cores, memoryGiB, system, node, package: version, commit, loadAverage, server } = machine;
  const [shortest, longest] = options.callMs.map((ms) => ms / 1_000);
  const turnovers = turnover.filter(({ runs }) => runs.length > 0);
  return [
    `# ${command}`,
    `${startedAt}. ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}. Temporal: ${server}.`,
    `temporal-polyai ${version}, commit ${commit}. Load average before: ${loadAverage.toFixed(1)}.`,
    `Calls of ${shortest} to ${longest} s, polled every ${options.intervalMs / 1_000} s; window ${options.seconds} s. ` +
      `Runs of each: ${options.repeat}. Figures are their medians, in brackets the lowest and the highest.`,
    SHAPES.filter(({ name }) => options.shapes.includes(name))
      .map(({ name, about }) => `- \`${name}\`: ${about}`)
      .join('\n'),
    table(
      COLUMNS.map(([title]) => title),
      measured.map((summary) => COLUMNS.map(([, value]) => value(summary))),
    ),
    ...missing.map(({ shape, live, missing: reason }) => `\`${shape}\`, ${live} live calls: not measured. ${reason}`),
    '![Lateness](lateness.svg)',
    ...(turnovers.length > 0 ? ['Workflows started and finished, a second:', turnoverTable(turnovers)] : []),
  ]
    .join('\n\n')
    .concat('\n');
}

/** @param {readonly import('../bench.mjs').TurnoverRow[]} rows */
function turnoverTable(rows) {
  return table(
    ['shape', 'empty workflow', 'monitor of a call that is over'],
    rows.map(({ shape, runs }) => [
      shape,
      cell(spread(runs.map(({ emptyPerSecond }) => emptyPerSecond))),
      cell(spread(runs.map(({ ownPerSecond }) => ownPerSecond))),
    ]),
  );
}

/** @param {readonly string[]} titles @param {readonly (readonly string[])[]} rows */
function table(titles, rows) {
  const lines = [titles, titles.map((_, index) => (index === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
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

/** @param {Spread | undefined} value */
function cell(value) {
  if (!value) return '–';
  const { median, min, max } = value;
  return min === max ? digits(median) : `${digits(median)} (${digits(min)}–${digits(max)})`;
}

/** Three digits that mean something. @param {number} value */
function digits(value) {
  if (value >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toPrecision(value < 0.1 ? 2 : 3);
}
