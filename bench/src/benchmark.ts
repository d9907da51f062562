import { randomBytes } from 'node:crypto';
import { runInterruptible, withTimeLimit } from './interruption.js';
import { loadOf } from './load/call-load.js';
import { fillLimitMs } from './load/fill.js';
import { runSteadyState } from './measure/steady-state.js';
import { measureTurnover } from './measure/turnover.js';
import type { BenchmarkOptions } from './options.js';
import { loadBuild, REPOSITORY } from './package-build.js';
import { printReport, writeReport } from './report/write-report.js';
import type { Results, Row, TurnoverRow } from './report/results.js';
import { describeSetting } from './setting.js';
import { shapesNamed } from './shapes/catalogue.js';
import { runShape, type ShapeRun } from './shapes/run-shape.js';
import type { Shape } from './shapes/shape.js';

const TURNOVER_LIVE = 500;

/** For the estimate of a run's duration; rough figures of a machine with two cores. */
const STARTS_PER_SECOND = 40;
const OVERHEAD_SECONDS = 18;
/** A run that takes this much longer than it should is given up. */
const RESERVE_MS = 120_000;

/** Failures that a shape can have on a healthy machine; any other means that the benchmark or the package is broken. */
const EXPECTED_FAILURES = ['TimeoutError', 'FellBehindError', 'UnavailableError'];

/** Measures what the options say and writes the report. */
export async function runBenchmark(options: BenchmarkOptions): Promise<void> {
  const build = await loadBuild(REPOSITORY);
  const baseline = options.baseline === undefined ? undefined : await loadBuild(options.baseline);
  const shapes = shapesNamed(options.shapes, build, baseline);
  const rows = options.live.flatMap((live) => shapes.map((shape) => ({ shape, row: emptyRow(shape, live, options) })));
  const turnover = shapes.map((shape) => ({ shape, row: { shape: shape.name, runs: [] } satisfies TurnoverRow }));
  const results: Results = {
    ...describeSetting(options, build, baseline),
    shapes: shapes.map(({ name, about }) => ({ name, about })),
    rows: rows.map(({ row }) => row),
    turnover: turnover.map(({ row }) => row),
  };
  console.log(`about ${Math.ceil(estimateSeconds(results) / 60)} minutes`);
  await runInterruptible(async (signal) => {
    // Shapes take turns within each repeat, so that a noisy quarter of an hour affects all of them.
    for (let repeat = 0; repeat < options.repeat; repeat += 1) {
      for (const { shape, row } of rows) {
        await measureRow(row, { shape, options, signal }, repeat);
        // After each run, so that not everything is lost when the machine goes down.
        writeReport(results);
      }
      if (options.turnover === 0) continue;
      for (const { shape, row } of turnover) await measureTurnoverRow(row, { shape, options, signal });
    }
    writeReport(results);
    printReport(results);
  });
}

/** An ID that no other run has. */
export function newRunId(): string {
  return randomBytes(4).toString('hex');
}

function emptyRow({ name, maxLive }: Shape, live: number, { beyond }: BenchmarkOptions): Row {
  const missing = 'Not tried: it falls behind with fewer calls already (--beyond tries it).';
  return { shape: name, live, runs: [], ...(live > maxLive && !beyond && { missing }) };
}

interface RowContext {
  readonly shape: Shape;
  readonly options: BenchmarkOptions;
  readonly signal: AbortSignal;
}

async function measureRow(row: Row, context: RowContext, repeat: number): Promise<void> {
  const { live } = row;
  const { options } = context;
  const limitMs = runSeconds(live, options) * 1_000 + fillLimitMs(live) + options.settle * 1_000 + RESERVE_MS;
  const title = `${live} live calls (${repeat + 1} of ${options.repeat})`;
  // All shapes get the same calls; each repeat gets others.
  const plan = { load: loadOf(live, options), options, seed: options.seed + repeat };
  await measure(row, { ...context, live, limitMs, title }, async (run) => {
    row.runs.push(await runSteadyState({ ...run, ...plan }));
  });
}

async function measureTurnoverRow(row: TurnoverRow, context: RowContext): Promise<void> {
  const limitMs = 2 * context.options.turnover * 1_000 + RESERVE_MS;
  const limits = { live: TURNOVER_LIVE, limitMs, title: 'workflows a second' };
  await measure(row, { ...context, ...limits }, async (run) => {
    const figures = await measureTurnover(run, context.options.turnover);
    if (figures) row.runs.push(figures);
  });
}

interface Measurement extends RowContext {
  readonly live: number;
  readonly limitMs: number;
  readonly title: string;
}

/** Runs a shape once. A failure becomes the row's note; the other rows are measured all the same. */
async function measure(
  row: Row | TurnoverRow,
  { shape, options, signal, live, limitMs, title }: Measurement,
  work: (run: ShapeRun) => Promise<void>,
): Promise<void> {
  if (row.missing !== undefined) return;
  console.log(`${row.shape}, ${title} …`);
  try {
    await runShape({ shape, live, options, runId: newRunId(), signal: withTimeLimit(signal, limitMs) }, work);
  } catch (error) {
    if (signal.aborted) throw error;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const [firstLine = ''] = message.split('\n', 1);
    row.missing = name === 'TimeoutError' ? 'It took too long and was given up.' : firstLine;
    console.error(`${row.shape}: ${message}`);
    if (!EXPECTED_FAILURES.includes(name)) process.exitCode = 1;
  }
}

/** How long a run takes when all goes well. */
function runSeconds(live: number, { standing, warmUp, seconds }: BenchmarkOptions): number {
  return OVERHEAD_SECONDS + live / STARTS_PER_SECOND + 1.25 * standing + warmUp + seconds;
}

function estimateSeconds({ rows, shapes, options }: Results): number {
  const { turnover, repeat } = options;
  const turnoverSeconds = turnover === 0 ? 0 : shapes.length * (OVERHEAD_SECONDS + 2 * turnover);
  const tried = rows.filter(({ missing }) => missing === undefined);
  return repeat * (turnoverSeconds + tried.reduce((sum, { live }) => sum + runSeconds(live, options), 0));
}
