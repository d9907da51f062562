/// <reference lib="dom" />
import { dot, lineY, plot, rectX, ruleY, tickX, type PlotOptions } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Summary } from './summary.js';

/** The smallest lateness that is shown: a logarithmic scale has no 0. */
const MIN_SECONDS = 0.001;

/** For each row a line from the median lateness to the maximum, on a logarithmic scale, as SVG. */
export function plotLateness(summaries: readonly Summary[]): string {
  const rows = summaries.flatMap(({ shape, live, p50Seconds, p99Seconds, maxSeconds }) => {
    if (!p50Seconds || !p99Seconds || !maxSeconds) return [];
    const [p50, p99, max] = [p50Seconds, p99Seconds, maxSeconds].map(({ median }) => Math.max(median, MIN_SECONDS));
    return [{ row: `${shape}, ${live.toLocaleString('en')} live`, shape: shape.replace(/@.*/, ''), p50, p99, max }];
  });
  return renderSvg({
    marginLeft: 160,
    x: { type: 'log', label: "seconds from the call's end to its result: p50 ●, p99 ■, maximum |", grid: true },
    y: { domain: rows.map(({ row }) => row), label: null },
    color: { scheme: 'observable10' },
    marks: [
      ruleY(rows, { y: 'row', x1: 'p50', x2: 'max', stroke: 'shape', strokeWidth: 2 }),
      dot(rows, { y: 'row', x: 'p50', fill: 'shape', r: 5 }),
      dot(rows, { y: 'row', x: 'p99', fill: 'shape', symbol: 'square', r: 5 }),
      tickX(rows, { y: 'row', x: 'max', stroke: 'shape', strokeWidth: 2 }),
    ],
  });
}

/** Requests in each second before, during and after an outage, as SVG. Times are in epoch seconds. */
export function plotRequests(
  perSecond: readonly { readonly second: number; readonly requests: number }[],
  outageFrom: number,
  outageTo: number,
): string {
  const points = perSecond.map(({ second, requests }) => ({ minute: (second - outageFrom) / 60, requests }));
  return renderSvg({
    height: 300,
    x: { label: 'minutes from the start of the outage (tinted)' },
    y: { label: 'requests a second', grid: true },
    marks: [
      rectX([{ from: 0, to: (outageTo - outageFrom) / 60 }], { x1: 'from', x2: 'to', fill: '#ffebe9' }),
      ruleY([0]),
      lineY(points, { x: 'minute', y: 'requests', stroke: '#0969da' }),
    ],
  });
}

/** Renders a plot without a browser. */
function renderSvg(options: PlotOptions): string {
  const { document } = parseHTML('<html><body></body></html>');
  const svg = plot({ document, width: 860, style: { background: 'white' }, ...options });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
