import type { Client } from '@temporalio/client';
import { type ReplayResult, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, expect, inject } from 'vitest';

import { campaignWorkflowId } from '../../src/contract/names.js';
import { campaignHistories, monitorHistories } from './recorded-histories.js';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** One run of a workflow. */
export interface Run {
  readonly workflowId: string;
  readonly history: unknown;
}

/** Of traced workflows: the SDK logs an error for each span that it cannot deliver. */
const sinks = { exporter: { export: { fn: () => undefined } } };

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
  for await (const result of Worker.runReplayHistories({ workflowBundle, sinks }, runs)) results.push(result);
  return results;
}

/**
 * Has the runs of a file's tests replayed together when all its tests are over: each replay takes a worker, and so would one
 * for each test.
 *
 * @param workflowBundle @default this package's workflows
 * @returns adds runs
 */
export function useReplay(workflowBundle?: WorkflowBundleOption): (runs: readonly Run[]) => void {
  const added: Run[] = [];
  afterAll(async () => {
    if (added.length === 0) return;
    const results = await replay(added.splice(0), workflowBundle);
    expect(results.flatMap(({ workflowId, error }) => (error ? `${workflowId}: ${error.message}` : []))).toEqual([]);
  });
  return (runs) => void added.push(...runs);
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

/** Every run of these monitors. */
export async function fetchMonitorRuns(client: Client, workflowIds: Iterable<string>): Promise<Run[]> {
  const all: Run[] = [];
  for (const workflowId of workflowIds) {
    const runs = await fetchRuns(client, workflowId);
    if (runs.length === 0) throw new Error(`no history of ${workflowId} to replay`);
    for (const [index, history] of runs.entries()) {
      if (!workflowId.startsWith('input-')) corpusOf(workflowId).record(history, `${workflowId}.run-${index + 1}`);
      all.push({ workflowId, history });
    }
  }
  return all;
}

function startedAttributes(history: History) {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes;
}

function corpusOf(workflowId: string): typeof monitorHistories {
  return workflowId.startsWith(campaignWorkflowId('')) ? campaignHistories : monitorHistories;
}
