/** Lateness as a plot: for each row a line from p50 by p99 to the maximum, on a logarithmic scale. */

const [LEFT, RIGHT, TOP, ROW_HEIGHT, WIDTH] = [170, 30, 46, 28, 760];
const INK = '#24292f';
const FAINT = '#d0d7de';
const COLORS = ['#0969da', '#1a7f37', '#bc4c00', '#8250df'];
/** In seconds. */
const SMALLEST = 0.001;

/**
 * @param {readonly import('./summarize.mjs').Summary[]} summaries
 * @returns {string} SVG
 */
export function plotLateness(summaries) {
  const rows = summaries.filter(({ maxSeconds }) => maxSeconds !== undefined);
  const values = rows.flatMap(({ p50Seconds, maxSeconds }) => [p50Seconds?.median, maxSeconds?.median]);
  const known = values.filter((value) => value !== undefined).map((value) => Math.max(value, SMALLEST));
  const from = Math.floor(Math.log10(Math.min(...known, 1)));
  const to = Math.ceil(Math.log10(Math.max(...known, 10)));
  /** @param {number} seconds */
  const x = (seconds) => {
    const share = (Math.log10(Math.max(seconds, SMALLEST)) - from) / (to - from);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  };
  const height = TOP + rows.length * ROW_HEIGHT + 34;
  const shapes = [...new Set(rows.map(({ shape }) => shape))];
  const lines = rows.map((row, index) => {
    const color = COLORS[shapes.indexOf(row.shape) % COLORS.length] ?? INK;
    return rangeOf(row, { x, y: TOP + (index + 0.5) * ROW_HEIGHT, color });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
      `font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="22" font-size="14">Seconds from the call's end to its result: p50 ●, p99 ■, maximum |</text>`,
    ...Array.from({ length: to - from + 1 }, (_, index) => gridLine(10 ** (from + index), x, height - 30)),
    ...lines,
    '</svg>\n',
  ].join('\n');
}

/** @param {number} seconds @param {(seconds: number) => number} x @param {number} bottom */
function gridLine(seconds, x, bottom) {
  const at = x(seconds).toFixed(1);
  return (
    `<path d="M${at} ${TOP - 8}V${bottom}" stroke="${FAINT}"/>` +
    `<text x="${at}" y="${bottom + 18}" text-anchor="middle">${Number(seconds.toPrecision(1))} s</text>`
  );
}

/**
 * @param {import('./summarize.mjs').Summary} row
 * @param {{ x: (seconds: number) => number, y: number, color: string }} where
 */
function rangeOf({ shape, live, p50Seconds, p99Seconds, maxSeconds }, { x, y, color }) {
  const [p50, p99, max] = [p50Seconds, p99Seconds, maxSeconds].map((value) => x(value?.median ?? 0).toFixed(1));
  return [
    `<text x="16" y="${y + 4}">${shape}, ${live} live</text>`,
    `<g stroke="${color}" fill="${color}"><path d="M${p50} ${y}H${max}" stroke-width="2"/>`,
    `<circle cx="${p50}" cy="${y}" r="5"/><rect x="${Number(p99) - 4.5}" y="${y - 4.5}" width="9" height="9"/>`,
    `<path d="M${max} ${y - 8}v16" stroke-width="2"/></g>`,
  ].join('');
}
