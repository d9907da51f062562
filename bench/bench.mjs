/* global AbortController */
import { randomBytes } from 'node:crypto';
import { describeMachine } from './machine.mjs';
import { writeReport } from './report/write-report.mjs';
import { SHAPES } from './shapes/index.mjs';
import { UnavailableError } from './shapes/shape.mjs';
import { runSteadyState } from './steady-state.mjs';
import { measureTurnover } from './turnover.mjs';
import { withShape } from './with-shape.mjs';

/**
 * One shape with so many live calls, all repeats.
 *
 * @typedef {object} Row
 * @property {string} shape
 * @property {number} live
 * @property {import('./steady-state.mjs').Figures[]} runs
 * @property {string} [missing] why there are none
 *
 * @typedef {object} TurnoverRow
 * @property {string} shape
 * @property {import('./turnover.mjs').Turnover[]} runs
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
  const shapes = options.shapes.map((name) => {
    const shape = SHAPES.find((one) => one.name === name);
    if (!shape) throw new TypeError(`no shape "${name}"; there are ${SHAPES.map((one) => one.name).join(', ')}`);
    return shape;
  });
  const interruption = interruptible();
  /** @type {Results} */
  const results = {
    command: options.command,
    startedAt: new Date().toISOString(),
    machine: describeMachine(),
    options,
    rows: options.live.flatMap((live) => shapes.map(({ name: shape }) => ({ shape, live, runs: [] }))),
    turnover: shapes.map(({ name: shape }) => ({ shape, runs: [] })),
  };
  try {
    // Shapes in turn within each repeat, so that a noisy quarter of an hour is shared out.
    for (let repeat = 0; repeat < options.repeat; repeat += 1) {
      for (const row of results.rows) await measureRow(row, repeat, { options, signal: interruption.signal });
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
}

/** @typedef {{ options: import('./options.mjs').Options, signal: AbortSignal }} Plan */

/** @param {Row} row @param {number} repeat @param {Plan} plan */
async function measureRow(row, repeat, { options, signal }) {
  if (row.missing !== undefined) return;
  console.log(`${row.shape}, ${row.live} live calls (${repeat + 1} of ${options.repeat}) …`);
  const runId = newRunId();
  /** @type {import('./watched-call.mjs').WatchedCall[]} */
  const calls = [];
  const { live } = row;
  // All shapes get the same calls; each repeat gets others.
  const seed = options.seed + repeat;
  const context = { shape: shapeNamed(row.shape), runId, options, signal, calls };
  try {
    const figures = await withShape(context, ({ shape, simulator }) =>
      runSteadyState({ shape, simulator, live, runId, seed, options, signal, calls }),
    );
    row.runs.push(figures);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    row.missing = error.message;
  }
}

/** @param {TurnoverRow} row @param {Plan} plan */
async function measureTurnoverRow(row, { options, signal }) {
  const shape = shapeNamed(row.shape);
  const runId = newRunId();
  console.log(`${row.shape}, workflows a second …`);
  try {
    const figures = await withShape({ shape, runId, options, signal, calls: [] }, (running) =>
      measureTurnover({ ...running, runId, seconds: options.turnoverSeconds, signal }),
    );
    if (figures) row.runs.push(figures);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
}

/** @param {string} name */
function shapeNamed(name) {
  return /** @type {import('./shapes/shape.mjs').Shape} */ (SHAPES.find((shape) => shape.name === name));
}

function newRunId() {
  return randomBytes(4).toString('hex');
}

/** Ctrl-C ends what is under way in good order; a second one ends at once. */
function interruptible() {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    console.error('\ncleaning up …');
    controller.abort();
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM']);
  for (const name of signals) process.on(name, interrupt);
  return { signal: controller.signal, over: () => signals.forEach((name) => process.off(name, interrupt)) };
}
