import { fillLimitMs } from './fill.mjs';

/** Rough figures of a machine with two cores. */
const STARTED_PER_SECOND = 40;
const AROUND_MS = 10_000;
const SETTLED_MS = 8_000;
/** Whatever happens, a run ends after so much more than it should take. */
const PATIENCE_MS = 120_000;

/** How long a run of so many live calls takes when all goes well. @param {number} live @param {import('./options.mjs').Options} options */
function runMs(live, options) {
  const { standingMs, warmUpMs, seconds } = options;
  const fillMs = (live / STARTED_PER_SECOND) * 1_000;
  return AROUND_MS + fillMs + 1.25 * standingMs + warmUpMs + seconds * 1_000 + SETTLED_MS;
}

/** After this a run is given up. @param {number} live @param {import('./options.mjs').Options} options */
export function runLimitMs(live, options) {
  return Math.ceil(runMs(live, options) + fillLimitMs(live) + options.settleMs + PATIENCE_MS);
}

/** How long all of it takes, roughly. @param {readonly { live: number }[]} rows @param {import('./options.mjs').Options} options */
export function estimateMs(rows, options) {
  const turnoverMs =
    options.turnoverSeconds <= 0 ? 0 : options.shapes.length * (AROUND_MS + options.turnoverSeconds * 2_000);
  return options.repeat * (turnoverMs + rows.reduce((sum, { live }) => sum + runMs(live, options), 0));
}
