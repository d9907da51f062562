/** Lateness as a plot: for each row a line from p50 by p99 to the maximum, on a logarithmic scale. */

const [LEFT, RIGHT, TOP, BOTTOM, WIDTH] = [200, 30, 60, 34, 860];
const [ROW_HEIGHT, GROUP_GAP] = [24, 14];
const INK = '#24292f';
const FAINT = '#d0d7de';
/** @type {Readonly<Record<string, string>>} */
const COLORS = { hold: '#0969da', textbook: '#bc4c00', bare: '#57606a', dbos: '#8250df' };
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
  const lives = [...new Set(rows.map(({ live }) => live))];
  /** @param {number} index of a row */
  const y = (index) =>
    TOP + (index + 0.5) * ROW_HEIGHT + (lives.indexOf(/** @type {number} */ (rows[index]?.live)) + 0.5) * GROUP_GAP;
  const height = TOP + rows.length * ROW_HEIGHT + lives.length * GROUP_GAP + BOTTOM;
  const lines = rows.map((row, index) => rangeOf(row, { x, y: y(index) }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
      `font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="22" font-size="14">Seconds from the call's end to its result: p50 ●, p99 ■, maximum |</text>`,
    ...gridValues(from, to).map((seconds) => gridLine(seconds, x, height - 30)),
    ...lives.slice(1).map((live) => separator(y(rows.findIndex((row) => row.live === live)))),
    ...lines,
    '</svg>\n',
  ].join('\n');
}

/** 1, 2 and 5 of each power of ten. @param {number} from @param {number} to powers of ten */
function gridValues(from, to) {
  const powers = Array.from({ length: to - from }, (_, index) => 10 ** (from + index));
  return [...powers.flatMap((power) => [power, 2 * power, 5 * power]), 10 ** to];
}

/** @param {number} seconds @param {(seconds: number) => number} x @param {number} bottom */
function gridLine(seconds, x, bottom) {
  const at = x(seconds).toFixed(1);
  return (
    `<path d="M${at} ${TOP - 8}V${bottom}" stroke="${FAINT}"/>` +
    `<text x="${at}" y="${bottom + 18}" text-anchor="middle">${Number(seconds.toPrecision(1))} s</text>`
  );
}

/** Between two numbers of live calls. @param {number} y of the row below */
function separator(y) {
  return `<path d="M16 ${y - (ROW_HEIGHT + GROUP_GAP) / 2}H${WIDTH - RIGHT}" stroke="${FAINT}"/>`;
}

/**
 * @param {import('./summarize.mjs').Summary} row
 * @param {{ x: (seconds: number) => number, y: number }} where
 */
function rangeOf({ shape, live, p50Seconds, p99Seconds, maxSeconds }, { x, y }) {
  const color = COLORS[shape] ?? INK;
  const [p50, p99, max] = [p50Seconds, p99Seconds, maxSeconds].map((value) => x(value?.median ?? 0).toFixed(1));
  return [
    `<text x="16" y="${y + 4}">${shape}, ${live.toLocaleString('en')} live</text>`,
    `<g stroke="${color}" fill="${color}"><path d="M${p50} ${y}H${max}" stroke-width="2"/>`,
    `<circle cx="${p50}" cy="${y}" r="5"/><rect x="${Number(p99) - 4.5}" y="${y - 4.5}" width="9" height="9"/>`,
    `<path d="M${max} ${y - 8}v16" stroke-width="2"/></g>`,
  ].join('');
}
