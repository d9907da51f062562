import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';

import {
  type AccountLimits,
  CAMPAIGN_ID_FORMAT,
  type CampaignProgress,
  isCampaignId,
  type RunCallCampaignInput,
} from '../contract/campaign.js';
import type { CampaignRulesInput } from '../contract/campaign-rules.js';
import {
  CAMPAIGN_UPDATE_NAMES,
  CAMPAIGN_WORKFLOW_TYPE,
  campaignWorkflowId,
  DEFAULT_TASK_QUEUE,
  PROGRESS_QUERY_NAME,
} from '../contract/names.js';

export interface StartCampaignOptions {
  /**
   * The task queue that the worker polls.
   * @default "polyai-outbound-calls"
   */
  readonly taskQueue?: string | undefined;
}

/** A campaign whose workflow runs or has ended. Each change answers with what the database says then. */
export class CampaignHandle {
  readonly workflowId: string;
  readonly #client: Client;

  constructor(
    client: Client,
    readonly campaignId: string,
  ) {
    this.#client = client;
    this.workflowId = campaignWorkflowId(campaignId);
  }

  /** Waits until no contact is left, or the campaign is cancelled and its last call has ended. */
  async result(): Promise<CampaignProgress> {
    return (await this.#client.workflow.getHandle(this.workflowId).result()) as CampaignProgress;
  }

  /** What the database said when the workflow last read it, within a minute; `undefined` before that. */
  async progress(): Promise<CampaignProgress | undefined> {
    return await this.#client.workflow.getHandle(this.workflowId).query(PROGRESS_QUERY_NAME);
  }

  /** No new calls from now on; calls under way go on. */
  async pause(reason?: string): Promise<CampaignProgress> {
    return await this.#update(CAMPAIGN_UPDATE_NAMES.pause, { reason });
  }

  async resume(): Promise<CampaignProgress> {
    return await this.#update(CAMPAIGN_UPDATE_NAMES.resume);
  }

  /** No new calls any more. The workflow ends when the calls under way have ended. */
  async cancel(reason?: string): Promise<CampaignProgress> {
    return await this.#update(CAMPAIGN_UPDATE_NAMES.cancel, { reason });
  }

  /** A rule that is not given stays as it is. */
  async changeRules(rules: CampaignRulesInput): Promise<CampaignProgress> {
    return await this.#update(CAMPAIGN_UPDATE_NAMES.changeRules, rules);
  }

  /** The limits of the campaign's account, for all its campaigns. */
  async changeLimits(limits: Partial<AccountLimits>): Promise<CampaignProgress> {
    return await this.#update(CAMPAIGN_UPDATE_NAMES.changeLimits, limits);
  }

  /** Dials ambiguous contacts again: some of them may be called twice. */
  async retryAmbiguous(): Promise<CampaignProgress> {
    return await this.#update(CAMPAIGN_UPDATE_NAMES.retryAmbiguous);
  }

  async #update(name: string, argument?: object): Promise<CampaignProgress> {
    try {
      return await this.#client.workflow
        .getHandle(this.workflowId)
        .executeUpdate<CampaignProgress, [unknown]>(name, { args: [argument] });
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError && error.cause) throw error.cause;
      throw error;
    }
  }
}

/**
 * Starts the workflow of a campaign whose contacts are in the worker's database, or attaches to the one that runs. A paused
 * campaign stays paused.
 *
 * @param client a Temporal client
 * @param input `campaignId`, and the rules and limits to begin with
 * @throws {TypeError} for a malformed campaign ID
 */
export async function startCampaign(
  client: Client,
  input: RunCallCampaignInput,
  { taskQueue = DEFAULT_TASK_QUEUE }: StartCampaignOptions = {},
): Promise<CampaignHandle> {
  const campaign = getCampaign(client, input.campaignId);
  await client.workflow.start(CAMPAIGN_WORKFLOW_TYPE, {
    workflowId: campaign.workflowId,
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `Call campaign ${input.campaignId}`,
    memo: { campaignId: input.campaignId },
  });
  return campaign;
}

/**
 * The handle of a campaign's workflow. Makes no request: whether the workflow exists shows at the first use.
 *
 * @throws {TypeError} for a malformed campaign ID
 */
export function getCampaign(client: Client, campaignId: string): CampaignHandle {
  if (!isCampaignId(campaignId)) throw new TypeError(`invalid campaign ID: expected ${CAMPAIGN_ID_FORMAT}`);
  return new CampaignHandle(client, campaignId);
}
