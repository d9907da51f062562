import { barX, barY, plot, type PlotOptions, rectY, ruleX, ruleY, text } from '@observablehq/plot';
import { parseHTML } from 'linkedom';

import type { ReportData } from './report-data.js';

const WIDTH = 720;

/** The plots of a report, by name, as SVG. */
export function renderPlots(data: ReportData): Readonly<Record<string, string>> {
  const { funnel, dispositions, byAttempt, byHour, callsPerContact, pace } = data;
  const names = dispositions.map(({ disposition }) => disposition);
  const hours = byHour.map(({ hour, calls, answered }) => ({
    hour,
    calls,
    share: calls === 0 ? 0 : (answered / calls) * 100,
  }));
  return {
    funnel: bars(funnel.map(({ step, contacts }) => ({ name: step, count: contacts }))),
    dispositions: bars(dispositions.map(({ disposition, calls }) => ({ name: disposition, count: calls }))),
    byAttempt: render({
      x: { label: 'attempt', type: 'band', tickFormat: String },
      y: { label: 'calls that have ended', grid: true },
      color: { domain: names, scheme: 'observable10', legend: true },
      marks: [barY(byAttempt, { x: 'attempt', y: 'calls', fill: 'disposition' }), ruleY([0])],
    }),
    byHour: render({
      x: { label: "hour of day in the contact's time zone", type: 'band', tickFormat: String },
      y: { label: 'calls', grid: true },
      marks: [barY(hours, { x: 'hour', y: 'calls', fill: FILL }), ruleY([0])],
    }),
    answerRate: render({
      x: { label: "hour of day in the contact's time zone", type: 'band', tickFormat: String },
      y: { label: 'calls that were answered, %', domain: [0, 100], grid: true },
      marks: [barY(hours, { x: 'hour', y: 'share', fill: FILL }), ruleY([0])],
    }),
    callsPerContact: render({
      x: { label: 'calls to a contact', type: 'band', tickFormat: String },
      y: { label: 'contacts', grid: true },
      marks: [barY(callsPerContact, { x: 'calls', y: 'contacts', fill: FILL }), ruleY([0])],
    }),
    pace: render({
      x: { label: 'time (UTC)', type: 'utc' },
      y: { label: 'calls', grid: true },
      marks: [rectY(pace, { x1: 'from', x2: 'to', y: 'calls', fill: FILL }), ruleY([0])],
    }),
  };
}

const FILL = '#4269d0';

function bars(rows: readonly { readonly name: string; readonly count: number }[]): string {
  return render({
    height: 50 + 32 * rows.length,
    marginLeft: 110,
    marginRight: 60,
    x: { axis: null },
    y: { label: null, domain: rows.map(({ name }) => name) },
    marks: [
      barX(rows, { y: 'name', x: 'count', fill: FILL }),
      text(rows, {
        y: 'name',
        x: 'count',
        text: ({ count }: { count: number }) => count.toLocaleString('en'),
        dx: 4,
        textAnchor: 'start',
      }),
      ruleX([0]),
    ],
  });
}

/** Renders a plot without a browser. Text is escaped, for it becomes text nodes. */
function render(options: PlotOptions): string {
  // The types of the DOM, if they were loaded, would hold for the whole package.
  const { document } = parseHTML('<html><body></body></html>') as unknown as { readonly document: never };
  const figure = plot({ document, width: WIDTH, height: 260, marginBottom: 40, ...options }) as unknown;
  return (figure as { readonly outerHTML: string }).outerHTML;
}
