/** Requests a second before, during and after the outage. */

const [LEFT, RIGHT, TOP, BOTTOM, WIDTH, HEIGHT] = [60, 20, 46, 40, 860, 300];
const INK = '#24292f';
const FAINT = '#d0d7de';
const OUT = '#ffebe9';
const LINE = '#0969da';
const LINES = 4;
const MINUTE = 60;

/** @param {import('./run-outage.mjs').OutageFigures} figures @returns {string} SVG */
export function plotRequests({ perSecond, outageFrom, outageTo, used }) {
  const counts = new Map(perSecond.map(({ second, good, refused }) => [second, good + refused]));
  const from = Math.ceil(used.before.fromAt / 1_000);
  const to = Math.floor(used.after.toAt / 1_000);
  const seconds = Array.from({ length: Math.max(1, to - from) }, (_, index) => from + index);
  const most = Math.max(1, ...seconds.map((second) => counts.get(second) ?? 0));
  /** @param {number} second epoch seconds */
  const x = (second) => (LEFT + ((second - from) / seconds.length) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  /** @param {number} count */
  const y = (count) => (HEIGHT - BOTTOM - (count / most) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const points = seconds.map((second) => `${x(second)} ${y(counts.get(second) ?? 0)}`);
  const [outFrom, outTo] = [outageFrom / 1_000, outageTo / 1_000];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" ` +
      `font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="16" y="22" font-size="14">Requests a second; the API is out in the tinted part</text>`,
    `<rect x="${x(outFrom)}" y="${TOP}" width="${(Number(x(outTo)) - Number(x(outFrom))).toFixed(1)}" ` +
      `height="${HEIGHT - TOP - BOTTOM}" fill="${OUT}"/>`,
    ...Array.from({ length: LINES + 1 }, (_, index) => gridLine((most * index) / LINES, y)),
    ...minuteLabels(outFrom, to, x),
    `<path d="M${points.join('L')}" fill="none" stroke="${LINE}" stroke-width="1.5"/>`,
    '</svg>\n',
  ].join('\n');
}

/** @param {number} count @param {(count: number) => string} y */
function gridLine(count, y) {
  return (
    `<path d="M${LEFT} ${y(count)}H${WIDTH - RIGHT}" stroke="${FAINT}"/>` +
    `<text x="${LEFT - 8}" y="${Number(y(count)) + 4}" text-anchor="end">${Math.round(count)}</text>`
  );
}

/** Minutes from the outage's beginning. @param {number} from @param {number} to @param {(second: number) => string} x */
function minuteLabels(from, to, x) {
  return Array.from({ length: Math.floor((to - from) / MINUTE) + 1 }, (_, minute) => {
    return `<text x="${x(from + minute * MINUTE)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${minute} min</text>`;
  });
}
