import type { Client } from '@temporalio/client';
import { type ReplayResult, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { inject } from 'vitest';

import { monitorHistories } from './recorded-histories.js';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** One run of a workflow. */
export interface Run {
  readonly workflowId: string;
  readonly history: unknown;
}

/**
 * Replays runs against workflow code, all in one worker.
 *
 * @param workflowBundle @default this package's workflows
 * @returns for each run its workflow ID and, if it cannot be replayed, an error
 */
export async function replay(
  runs: Iterable<Run>,
  workflowBundle: WorkflowBundleOption = { codePath: inject('workflowBundlePath') },
): Promise<ReplayResult[]> {
  const results: ReplayResult[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle }, runs)) results.push(result);
  return results;
}

/** Replays runs; throws the error of the first that cannot be replayed. */
export async function expectReplay(runs: Iterable<Run>, workflowBundle?: WorkflowBundleOption): Promise<void> {
  const failed = (await replay(runs, workflowBundle)).find(({ error }) => error);
  if (failed) throw failed.error!;
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

/** Replays every run of these workflows. */
export async function replayRuns(client: Client, workflowIds: Iterable<string>): Promise<void> {
  const all: Run[] = [];
  for (const workflowId of workflowIds) {
    const runs = await fetchRuns(client, workflowId);
    if (runs.length === 0) throw new Error(`no history of ${workflowId} to replay`);
    for (const [index, history] of runs.entries()) {
      if (!workflowId.startsWith('input-')) monitorHistories.record(history, `${workflowId}.run-${index + 1}`);
      all.push({ workflowId, history });
    }
  }
  if (all.length > 0) await expectReplay(all);
}

function startedAttributes(history: History) {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes;
}
