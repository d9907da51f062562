import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';

import { recordHistory } from './recorded-histories.js';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** Replays a history against the present workflow code. Rejects with what makes it not deterministic. */
export async function replayHistory(history: unknown, workflowId: string): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: { codePath: inject('workflowBundlePath') } }, history, workflowId);
}

/** The histories of all runs of a workflow, from the first along its continue-as-new chain. */
export async function fetchRuns(client: Client, workflowId: string): Promise<History[]> {
  const latest = await client.workflow.getHandle(workflowId).fetchHistory();
  let runId: string | null | undefined = startedAttributes(latest)?.firstExecutionRunId;
  const runs: History[] = [];
  while (runId) {
    const run: History = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.push(run);
    runId = run.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return runs;
}

/** Replays every run of a workflow. */
export async function replayRuns(client: Client, workflowId: string): Promise<void> {
  const runs = await fetchRuns(client, workflowId);
  if (runs.length === 0) throw new Error(`no history of ${workflowId} to replay`);
  for (const [index, run] of runs.entries()) {
    await replayHistory(run, workflowId);
    recordHistory(run, workflowId, index + 1);
  }
}

function startedAttributes(history: History) {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes;
}
