import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';

import { openCampaignStore } from '../../../campaigns/open.js';
import { type CampaignHandle, getCampaign } from '../../../client/start-campaign.js';
import type { CampaignProgress } from '../../../contract/campaign.js';
import { parseOutcomesUrl } from '../../../outcomes/url.js';
import { errorMessage } from '../../../platform/error-message.js';
import { isTimeout } from '../../../platform/grpc.js';
import { loadOutcomesUrl } from '../../../worker/environment.js';
import { absentFile } from '../../outcome-store.js';
import { DISPLAY_TIMEOUT_MS } from '../../temporal.js';
import { CliError } from '../../terminal.js';
import { noWorkflowError } from './campaign-workflow.js';

/** Where a campaign's progress is read. */
export interface ProgressSource {
  /** For people. */
  readonly name: string;
  /** How often it is worth reading, in milliseconds. */
  readonly everyMs: number;
  /** `undefined` when it is not known yet, or nobody answers. */
  read(): Promise<CampaignProgress | undefined>;
  close(): Promise<void>;
}

/** The database in POLYAI_OUTCOMES_URL, if it is there and has the campaign: it is always current. */
export async function databaseSource(campaignId: string): Promise<ProgressSource | undefined> {
  const url = loadOutcomesUrl();
  const target = parseOutcomesUrl(url);
  if (target.kind === 'off' || absentFile(target) !== undefined) return undefined;
  const store = openCampaignStore(url);
  const isKnown = await store.find(campaignId).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  if (isKnown) {
    const read = () => store.progress(campaignId);
    return { name: 'the database', everyMs: 1_000, read, close: () => store.close() };
  }
  await store.close();
  return undefined;
}

/** The workflow of a campaign: its answer is up to a minute old, and needs a worker. */
export function workflowSource(client: Client, campaignId: string): ProgressSource {
  const campaign = getCampaign(client, campaignId);
  // Temporal Cloud bills a query, and the answer changes once a minute.
  return {
    name: 'the workflow',
    everyMs: 5_000,
    read: () => readFromWorkflow(client, campaign),
    close: () => Promise.resolve(),
  };
}

async function readFromWorkflow(client: Client, campaign: CampaignHandle): Promise<CampaignProgress | undefined> {
  try {
    return await client.withDeadline(Date.now() + DISPLAY_TIMEOUT_MS, async () => {
      const { status } = await client.workflow.getHandle(campaign.workflowId).describe();
      // A result needs no worker.
      return ['COMPLETED', 'FAILED'].includes(status.name) ? await campaign.result() : await campaign.progress();
    });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw noWorkflowError(campaign.campaignId);
    if (isTimeout(error)) return undefined;
    throw error instanceof WorkflowFailedError ? new CliError(errorMessage(error.cause ?? error)) : error;
  }
}
