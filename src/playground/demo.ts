import Table from 'cli-table3';

import { monitorWorkflowId } from '../contract/names.js';
import { DisposalStack } from '../platform/disposal.js';
import { hasPolyAiAccess } from '../worker/config.js';
import { startCalls } from './demo-calls.js';
import { setStage, type Stage } from './environment.js';
import { type DemoView, followCalls } from './follow-calls.js';
import { DemoStopped, INTERRUPTED, StopRequest } from './stop-request.js';
import { createDisplay } from './terminal.js';

interface DemoOptions {
  /** Whether everything stays up at the end, until Ctrl-C. */
  readonly keep: boolean;
}

/**
 * Plays five calls on a real Temporal server, with a real worker process and the simulator in PolyAI's place, and kills
 * that worker half way. Leaves nothing behind.
 *
 * @returns the exit code: 0 when all went as expected, 130 when interrupted, else 1
 */
export async function runDemo({ keep }: DemoOptions): Promise<number> {
  const stop = new StopRequest();
  const cleanup = new DisposalStack();
  try {
    return await play({ keep, stop, cleanup });
  } catch (error) {
    return reportEnd(stop.signal.aborted ? stop.signal.reason : error);
  } finally {
    await cleanup.dispose().catch((error: unknown) => console.error('demo: while cleaning up:', error));
    stop.release();
  }
}

interface PlayOptions extends DemoOptions {
  readonly stop: StopRequest;
  readonly cleanup: DisposalStack;
}

async function play({ keep, stop, cleanup }: PlayOptions): Promise<number> {
  if (hasPolyAiAccess()) {
    console.log('The demo asks its simulator and never dials; for the real API with your token: temporal-polyai dev\n');
  }
  const stage = await setStage({ say: (line) => console.log(`• ${line}`), stop, cleanup });
  const views = await stage.client.withAbortSignal(stop.signal, () => playCalls(stage, { stop, cleanup }));
  stop.liftTimeLimit();
  console.log(`\n${renderSummary(views, stage)}`);
  if (keep) await stayUp(views, stage, stop);
  else if (stage.uiUrl) console.log('To look at it in the Web UI afterwards: npm run demo -- --keep');
  return isAsExpected(views, stage) ? 0 : 1;
}

async function playCalls(stage: Stage, { stop, cleanup }: Omit<PlayOptions, 'keep'>): Promise<readonly DemoView[]> {
  const calls = await startCalls({ ...stage, cleanup });
  const plan = calls.map(({ call, monitor }) => `  ${call.number}  ${monitor.workflowId}  ${call.about}`);
  console.log(`\nFive calls, each with its monitor workflow:\n${plan.join('\n')}\n`);
  return await followCalls({ stage, calls, display: createDisplay(process.stdout), stop });
}

async function stayUp(views: readonly DemoView[], { client, uiUrl }: Stage, stop: StopRequest): Promise<void> {
  const { namespace } = client.options;
  for (const { call, callSid } of views) {
    const workflowId = monitorWorkflowId(callSid);
    const where = uiUrl ? `${uiUrl}/namespaces/${namespace}/workflows/${workflowId}` : workflowId;
    console.log(`${call.number}  ${where}`);
  }
  console.log('Everything stays up until Ctrl-C.');
  await stop.stopped();
  if (stop.signal.reason !== INTERRUPTED) throw stop.signal.reason;
}

function reportEnd(reason: unknown): number {
  if (reason instanceof DemoStopped) {
    console.error(`\nThe demo was stopped: ${reason.message}`);
    return reason.exitCode;
  }
  console.error('\nThe demo failed:', reason instanceof Error ? reason.message : reason);
  return 1;
}

/** Whether everything happened that the demo sets out to show. */
function isAsExpected(views: readonly DemoView[], { worker }: Stage): boolean {
  return views.every(endedAsExpected) && worker.deaths > 0;
}

/** What happened, in numbers. */
function renderSummary(views: readonly DemoView[], stage: Stage): string {
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
