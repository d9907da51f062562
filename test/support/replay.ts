import type { Client } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { inject } from 'vitest';

import { recordHistory } from './recorded-histories.js';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** One run of a workflow. */
export interface Run {
  readonly workflowId: string;
  readonly history: unknown;
}

/**
 * Replays runs against workflow code, all in one worker.
 *
 * @param workflowBundle this package's workflows unless given
 * @returns for each run what makes it not deterministic, or `undefined`
 */
export async function replay(
  runs: readonly Run[],
  workflowBundle: WorkflowBundleOption = { codePath: inject('workflowBundlePath') },
): Promise<(Error | undefined)[]> {
  const errors: (Error | undefined)[] = [];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, runs)) errors.push(error);
  return errors;
}

/** Replays runs; rejects with what makes the first of those that fail not deterministic. */
export async function expectReplay(runs: readonly Run[], workflowBundle?: WorkflowBundleOption): Promise<void> {
  const error = (await replay(runs, workflowBundle)).find((one) => one !== undefined);
  if (error) throw error;
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
      recordHistory(history, workflowId, index + 1);
      all.push({ workflowId, history });
    }
  }
  if (all.length > 0) await expectReplay(all);
}

function startedAttributes(history: History) {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes;
}
