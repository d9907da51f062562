import { randomBytes } from 'node:crypto';
import { estimateMs, runLimitMs } from './duration.mjs';
import { interruptible, withLimit } from './interruptible.mjs';
import { loadOf } from './load.mjs';
import { describeMachine } from './machine.mjs';
import { printReport, writeReport } from './report/write-report.mjs';
import { shapeNamed } from './shapes/index.mjs';
import { runSteadyState } from './steady-state.mjs';
import { measureTurnover } from './turnover.mjs';
import { withShape } from './with-shape.mjs';

const TURNOVER_LIVE = 500;
const TURNOVER_LIMIT_MS = 120_000;

/**
 * One shape with so many live calls, all repeats.
 *
 * @typedef {object} Row
 * @property {string} shape
 * @property {number} live
 * @property {import('./steady-state.mjs').Figures[]} runs
 * @property {string} [missing] why there are none, or no more
 *
 * @typedef {object} TurnoverRow
 * @property {string} shape
 * @property {import('./turnover.mjs').Turnover[]} runs
 * @property {string} [missing]
 *
 * @typedef {object} Results
 * @property {string} command
 * @property {string} startedAt ISO 8601 UTC
 * @property {import('./machine.mjs').Machine} machine
 * @property {import('./options.mjs').Options} options
 * @property {Row[]} rows
 * @property {TurnoverRow[]} turnover
 */

/** Measures as told and writes the report. @param {import('./options.mjs').Options} options */
export async function bench(options) {
  const interruption = interruptible();
  /** @type {Results} */
  const results = {
    command: options.command,
    startedAt: new Date().toISOString(),
    machine: describeMachine(),
    options,
    rows: options.live.flatMap((live) => options.shapes.map((name) => emptyRow(name, live, options))),
    turnover: options.shapes.map((shape) => ({ shape, runs: [] })),
  };
  const tried = results.rows.filter(({ missing }) => missing === undefined);
  console.log(`about ${Math.ceil(estimateMs(tried, options) / 60_000)} minutes`);
  try {
    // Shapes in turn within each repeat, so that a noisy quarter of an hour is shared out.
    for (let repeat = 0; repeat < options.repeat; repeat += 1) {
      for (const row of tried) {
        await measureRow(row, repeat, { options, signal: interruption.signal });
        // So that not all is lost when the machine goes down.
        writeReport(results);
      }
      if (options.turnoverSeconds <= 0) continue;
      for (const row of results.turnover) await measureTurnoverRow(row, { options, signal: interruption.signal });
    }
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    console.error('interrupted; everything that was started has been ended');
    process.exitCode = 130;
    return;
  } finally {
    interruption.over();
  }
  writeReport(results);
  printReport(results);
}

/** @param {string} name @param {number} live @param {import('./options.mjs').Options} options @returns {Row} */
function emptyRow(name, live, { beyond }) {
  const { mostLive } = shapeNamed(name);
  const isTooMuch = live > mostLive && !beyond;
  const missing = `Not tried: it is behind with fewer already (--beyond tries it).`;
  return { shape: name, live, runs: [], ...(isTooMuch && { missing }) };
}

/** @typedef {{ options: import('./options.mjs').Options, signal: AbortSignal }} Plan */

/** @param {Row} row @param {number} repeat @param {Plan} plan */
async function measureRow(row, repeat, { options, signal }) {
  if (row.missing !== undefined) return;
  console.log(`${row.shape}, ${row.live} live calls (${repeat + 1} of ${options.repeat}) …`);
  const runId = newRunId();
  const { live } = row;
  // All shapes get the same calls; each repeat gets others.
  const seed = options.seed + repeat;
  await orExplain(row, signal, async () => {
    const within = withLimit(signal, runLimitMs(live, options));
    const context = { live, runId, options, signal: within, calls: [] };
    const figures = await withShape({ ...context, shape: shapeNamed(row.shape) }, (running) =>
      runSteadyState({ ...context, ...running, load: loadOf(live, options), seed }),
    );
    row.runs.push(figures);
  });
}

/** @param {TurnoverRow} row @param {Plan} plan */
async function measureTurnoverRow(row, { options, signal }) {
  if (row.missing !== undefined) return;
  const runId = newRunId();
  console.log(`${row.shape}, workflows a second …`);
  await orExplain(row, signal, async () => {
    const within = withLimit(signal, TURNOVER_LIMIT_MS);
    const context = { live: TURNOVER_LIVE, runId, options, signal: within, calls: [] };
    const figures = await withShape({ ...context, shape: shapeNamed(row.shape) }, (running) =>
      measureTurnover({ ...running, runId, seconds: options.turnoverSeconds, signal: within }),
    );
    if (figures) row.runs.push(figures);
  });
}

/**
 * What goes wrong with one row is said there; the others are measured all the same.
 *
 * @param {Row | TurnoverRow} row
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} measure
 */
async function orExplain(row, signal, measure) {
  try {
    await measure();
  } catch (error) {
    if (signal.aborted) throw error;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    row.missing = name === 'TimeoutError' ? 'It took too long and was given up.' : message.split('\n', 1)[0];
    console.error(`${row.shape}: ${message}`);
    // Anything else than what a shape may well do says that the benchmark is broken, or the package.
    if (!['TimeoutError', 'FellBehindError', 'UnavailableError'].includes(name)) process.exitCode = 1;
  }
}

function newRunId() {
  return randomBytes(4).toString('hex');
}
