import Table from 'cli-table3';

import { monitorWorkflowId } from '../contract/names.js';
import { print } from '../platform/printing.js';
import { startCalls } from './demo-calls.js';
import { addressOf, type DemoEnvironment, startDemoEnvironment } from './demo-environment.js';
import { type DemoRun, KEEP_HINT, keepUntilInterrupted, printStep, runInDemo } from './demo-run.js';
import type { DemoView } from './demo-view.js';
import { followCalls } from './follow-calls.js';
import { createDisplay } from './terminal.js';

interface DemoOptions {
  /** Whether everything keeps running at the end, until Ctrl-C. */
  readonly keep: boolean;
}

/**
 * Runs five calls on a real Temporal server, with a real worker process and the simulator in place of PolyAI, and kills the
 * worker half way. Leaves nothing behind.
 *
 * @returns the exit code: 0 when all calls ended as expected, 130 when interrupted, else 1
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  return await runInDemo((run) => runCalls(run, options));
}

async function runCalls(run: DemoRun, { keep }: DemoOptions): Promise<number> {
  const { interruption, disposal } = run;
  const environment = await startDemoEnvironment({ onProgress: printStep, ...run });
  const { client, worker, uiUrl } = environment;
  const views = await client.withAbortSignal(interruption.signal, async () => {
    const calls = await startCalls({ ...environment, disposal });
    const plan = calls.map(({ call, monitor }) => `  ${call.number}  ${monitor.workflowId}  ${call.about}`);
    print(`\nFive calls, each with its monitor workflow:\n${plan.join('\n')}\n`);
    return await followCalls({ calls, worker, display: createDisplay(process.stdout), interruption });
  });
  clearTimeout(environment.timeLimit);
  print(`\n${renderSummary(views, environment)}`);
  if (keep) await keepRunning(views, environment, interruption.signal);
  else if (uiUrl) print(KEEP_HINT);
  return isAsExpected(views, environment) ? 0 : 1;
}

async function keepRunning(
  views: readonly DemoView[],
  environment: DemoEnvironment,
  signal: AbortSignal,
): Promise<void> {
  for (const { call, callSid } of views) {
    print(`${call.number}  ${addressOf(environment, monitorWorkflowId(callSid))}`);
  }
  await keepUntilInterrupted(signal);
}

/** Whether all calls ended as expected, and the worker was killed meanwhile. */
function isAsExpected(views: readonly DemoView[], { worker }: DemoEnvironment): boolean {
  return views.every(endedAsExpected) && worker.kills > 0;
}

/** The result of each call, and counts. */
function renderSummary(views: readonly DemoView[], environment: DemoEnvironment): string {
  const { simulator, worker } = environment;
  const head = ['call', 'expected', 'outcome', 'polls', 'time'];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const view of views) table.push(rowOf(view));
  const asExpected = views.filter(endedAsExpected).length;
  const kills = worker.kills === 1 ? '1 worker died' : `${worker.kills} workers died`;
  return [
    table.toString(),
    `${isAsExpected(views, environment) ? '✔' : '✘'} ${asExpected} of ${views.length} calls ended as expected.`,
    `The simulator saw ${simulator.requests.length} requests; ${kills}.`,
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
