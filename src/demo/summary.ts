import Table from 'cli-table3';

import type { DemoView } from './look-at-call.js';
import type { Stage } from './set-stage.js';

/** Whether everything happened that the demo sets out to show. */
export function isAsExpected(views: readonly DemoView[], { worker }: Stage): boolean {
  return views.every(endedAsExpected) && worker.deaths > 0;
}

/** What happened, in numbers. */
export function renderSummary(views: readonly DemoView[], stage: Stage): string {
  const { simulator, worker } = stage;
  const head = ['call', 'expected', 'outcome', 'polls', 'time'];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const view of views) table.push(rowOf(view));
  const asExpected = views.filter(endedAsExpected).length;
  const deaths = worker.deaths === 1 ? '1 worker died' : `${worker.deaths} workers died`;
  return [
    table.toString(),
    `${isAsExpected(views, stage) ? '✔' : '✘'} ${asExpected} of ${views.length} calls ended as expected.`,
    `The simulator saw ${simulator.requests.length} requests; ${deaths}.`,
  ].join('\n');
}

function endedAsExpected({ call, outcome }: DemoView): boolean {
  return outcome?.kind === call.expected;
}

function rowOf(view: DemoView) {
  const { call, outcome, polls, seconds } = view;
  const verdict = endedAsExpected(view) ? '✔' : '✘';
  const name = `${call.number}  ${call.about}`;
  return [name, call.expected, `${verdict} ${outcome?.text}`, polls, `${seconds.toFixed(1)} s`];
}
