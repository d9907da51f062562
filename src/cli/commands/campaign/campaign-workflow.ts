import type { Client } from '@temporalio/client';

import { hasNoWorker } from '../../../client/no-worker.js';
import type { CampaignHandle } from '../../../client/start-campaign.js';
import { printError } from '../../../platform/printing.js';
import { CliError } from '../../terminal.js';

/** A worker that is there answers sooner. */
const WARN_AFTER_MS = 3_000;

/** Waits for a worker's answer, and says so when none polls: an update waits for one without a word. */
export async function warnWithoutWorker<T>(client: Client, campaign: CampaignHandle, answer: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const warn = async (): Promise<void> => {
    const taskQueue = await taskQueueOf(client, campaign);
    const isMissing = taskQueue !== undefined && (await hasNoWorker(client, taskQueue));
    if (isMissing && !answered.signal.aborted) printError(`${noWorkerOn(taskQueue)}; waiting for one`);
  };
  // The answer itself shows what is wrong with the server.
  const timer = setTimeout(() => void warn().catch(() => undefined), WARN_AFTER_MS);
  try {
    return await answer;
  } finally {
    answered.abort();
    clearTimeout(timer);
  }
}

/** What is wrong when no worker polls a task queue, and the remedy. */
export function noWorkerOn(taskQueue: string): string {
  return `no worker polls the task queue "${taskQueue}" (run one: temporal-polyai worker)`;
}

/** The task queue of a campaign's workflow, if there is one. */
async function taskQueueOf(client: Client, { workflowId }: CampaignHandle): Promise<string | undefined> {
  const request = { namespace: client.options.namespace, execution: { workflowId } };
  const { workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution(request);
  return workflowExecutionInfo?.taskQueue ?? undefined;
}

export function noWorkflowError(campaignId: string): CliError {
  return new CliError(
    `no workflow of campaign "${campaignId}" runs; to start it: temporal-polyai campaign start ${campaignId}`,
  );
}
