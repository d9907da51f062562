import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowFailedError } from '@temporalio/client';

import { hasNoWorker } from '../../../client/no-worker.js';
import { type CampaignHandle, startCampaign } from '../../../client/start-campaign.js';
import type { CampaignProgress } from '../../../contract/campaign.js';
import { errorMessage } from '../../../platform/error-message.js';
import { isTimeout } from '../../../platform/grpc.js';
import { print, printError, printJson } from '../../../platform/printing.js';
import { loadTaskQueue } from '../../../worker/environment.js';
import { withTemporal } from '../../temporal.js';
import { CliError, EXIT_CODES, type ExitCode } from '../../terminal.js';
import { renderCampaignLine } from './campaign-view.js';
import { noWorkerOn } from './campaign-workflow.js';
import { hasRules, readRules, type RuleFlags } from './rule-options.js';

interface StartOptions {
  readonly campaignId: string;
  readonly flags: RuleFlags;
  readonly lanes: number | undefined;
  readonly taskQueue: string | undefined;
  readonly json: boolean;
}

/** Runs `campaign start`: starts a campaign's workflow or attaches to it, and says what the database answers. */
export async function runStart(options: StartOptions): Promise<ExitCode> {
  const { campaignId, flags, lanes, json, taskQueue = loadTaskQueue() } = options;
  const given = await readRules(flags);
  return await withTemporal(async (client) => {
    const campaign = await startCampaign(client, { campaignId, ...given, lanes }, { taskQueue });
    const { workflowId, isNew } = campaign;
    const progress = await firstProgress(client, campaign);
    if (!isNew && progress?.state === 'completed') {
      throw new CliError(
        `campaign "${campaignId}" is completed, and its last calls are under way: start it again when they have ended`,
      );
    }
    // Somebody who gives rules must not believe that they hold.
    if (!isNew && hasRules(given)) {
      throw new CliError(
        `campaign "${campaignId}" runs already, by the rules and limits that it has; ` +
          `to change them: temporal-polyai campaign change ${campaignId}`,
      );
    }
    if (json) printJson({ campaignId, workflowId, isNew, taskQueue, progress });
    else print(`${campaignId}: ${isNew ? 'started' : 'runs already'}; workflow ${workflowId}`);
    if (!json && progress) print(`  ${renderCampaignLine(progress)}`);
    if (!progress) printError(await whyNoProgress(client, taskQueue));
    return EXIT_CODES.done;
  });
}

const ANSWER_WITHIN_MS = 5_000;
const ASK_EVERY_MS = 100;

/**
 * What the database says once a worker has taken the start; `undefined` if none has in time.
 *
 * @throws {CliError} when the start was refused, such as without contacts
 */
async function firstProgress(client: Client, campaign: CampaignHandle): Promise<CampaignProgress | undefined> {
  const giveUpAtMs = Date.now() + ANSWER_WITHIN_MS;
  for (;;) {
    const progress = await client
      .withDeadline(giveUpAtMs, () => campaign.progress())
      .catch((error: unknown) => {
        if (isTimeout(error)) return undefined;
        throw error;
      });
    if (progress || Date.now() >= giveUpAtMs) return progress;
    await throwIfRefused(client, campaign);
    await delay(ASK_EVERY_MS);
  }
}

async function throwIfRefused(client: Client, campaign: CampaignHandle): Promise<void> {
  const { status } = await client.workflow.getHandle(campaign.workflowId).describe();
  if (status.name !== 'FAILED') return;
  const error: unknown = await campaign.result().catch((failure: unknown) => failure);
  throw new CliError(errorMessage(error instanceof WorkflowFailedError ? error.cause : error));
}

async function whyNoProgress(client: Client, taskQueue: string): Promise<string> {
  if (await hasNoWorker(client, taskQueue)) {
    return `${noWorkerOn(taskQueue)}: nothing is dialled until one does`;
  }
  return `the worker of task queue "${taskQueue}" has not answered yet; to see more: temporal-polyai campaign status`;
}
