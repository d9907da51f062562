import { type Client, WorkflowNotFoundError } from '@temporalio/client';

import { hasNoWorker } from '../../../client/no-worker.js';
import { getCampaign } from '../../../client/start-campaign.js';
import { isTimeout } from '../../../platform/grpc.js';
import { Interruption } from '../../../platform/interruption.js';
import { print, printError, printJson } from '../../../platform/printing.js';
import { DISPLAY_TIMEOUT_MS, withTemporal } from '../../temporal.js';
import { CliError, EXIT_CODES, type ExitCode } from '../../terminal.js';
import { createCampaignDisplay } from './campaign-display.js';
import { renderCampaignView } from './campaign-view.js';
import { noWorkerOn, noWorkflowError } from './campaign-workflow.js';
import { followCampaign } from './follow-campaign.js';
import { databaseSource, type ProgressSource, workflowSource } from './progress-source.js';

interface WatchOptions {
  readonly campaignId: string;
  readonly json: boolean;
}

/** Runs `campaign status`: prints a campaign's progress once. */
export async function runCampaignStatus({ campaignId, json }: WatchOptions): Promise<ExitCode> {
  const database = await databaseSource(campaignId);
  if (database) return await printProgress(database, { campaignId, json });
  return await withTemporal((client) => printProgress(workflowSource(client, campaignId), { campaignId, json }));
}

async function printProgress(source: ProgressSource, { campaignId, json }: WatchOptions): Promise<ExitCode> {
  const progress = await source.read().finally(() => source.close());
  if (!progress) {
    throw new CliError(
      `no worker has answered for campaign "${campaignId}"; a worker runs it: temporal-polyai worker. ` +
        'Where this process reaches the database, set POLYAI_OUTCOMES_URL as on the worker',
    );
  }
  if (json) printJson(progress);
  else print(renderCampaignView(progress, { columns: widthOfStdout(), source: source.name }).join('\n'));
  return EXIT_CODES.done;
}

function widthOfStdout(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
}

/** Runs `campaign watch`: shows a campaign until it ends. */
export async function runWatch({ campaignId, json }: WatchOptions): Promise<ExitCode> {
  return await withTemporal(async (client) => {
    const source = (await databaseSource(campaignId)) ?? workflowSource(client, campaignId);
    const interruption = new Interruption();
    const { signal } = interruption;
    try {
      const display = createCampaignDisplay(process.stdout, { json, source: source.name });
      const problem = () => problemOf(client, campaignId);
      const { state } = await followCampaign({ source, display, problem, signal });
      return state === 'completed' ? EXIT_CODES.done : EXIT_CODES.campaignCancelled;
    } catch (error) {
      if (!signal.aborted) throw error;
      printError(`campaign ${campaignId} goes on; to watch it again: temporal-polyai campaign watch ${campaignId}`);
      return EXIT_CODES.interrupted;
    } finally {
      interruption.dispose();
      await source.close();
    }
  });
}

/**
 * Why a campaign does not go on, as far as Temporal knows.
 *
 * @throws {CliError} when its workflow has ended before the campaign
 */
async function problemOf(client: Client, campaignId: string): Promise<string | undefined> {
  try {
    return await client.withDeadline(Date.now() + DISPLAY_TIMEOUT_MS, async () => {
      const { status, taskQueue } = await client.workflow
        .getHandle(getCampaign(client, campaignId).workflowId)
        .describe();
      if (['FAILED', 'TERMINATED', 'TIMED_OUT'].includes(status.name)) throw endedError(campaignId, status.name);
      return (await hasNoWorker(client, taskQueue)) ? noWorkerOn(taskQueue) : undefined;
    });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return noWorkflowError(campaignId).message;
    if (isTimeout(error)) return 'Temporal does not answer; trying again';
    throw error;
  }
}

function endedError(campaignId: string, status: string): CliError {
  return new CliError(
    `the workflow of campaign "${campaignId}" has ended before the campaign (${status.toLowerCase()}): nothing is dialled; ` +
      `to go on: temporal-polyai campaign start ${campaignId}`,
  );
}
