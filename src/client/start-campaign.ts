import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';

import {
  type AccountLimits,
  CAMPAIGN_ID_FORMAT,
  type CampaignProgress,
  isCampaignId,
  type RetryFailedOptions,
  type RunCallCampaignInput,
} from '../contract/campaign.js';
import type { CampaignRulesInput } from '../contract/campaign-rules.js';
import {
  CAMPAIGN_UPDATE_NAMES,
  CAMPAIGN_WORKFLOW_TYPE,
  campaignWorkflowId,
  DEFAULT_TASK_QUEUE,
  NUDGE_SIGNAL_NAME,
  PROGRESS_QUERY_NAME,
} from '../contract/names.js';
import { campaignMetadata } from '../contract/start-options.js';

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

  /**
   * Goes on after a pause.
   *
   * @param options `acceptRestored`: although the database is an older copy, so that calls made since may be made again
   */
  async resume(options: { readonly acceptRestored?: boolean | undefined } = {}): Promise<CampaignProgress> {
    return await this.#update(CAMPAIGN_UPDATE_NAMES.resume, options);
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

  /**
   * Dials failed contacts again, with all attempts that the rules allow.
   *
   * @param options which ones; all by default
   */
  async retryFailed(options: RetryFailedOptions = {}): Promise<CampaignProgress> {
    return await this.#update(CAMPAIGN_UPDATE_NAMES.retryFailed, options);
  }

  /** Has the workflow look at the database now instead of within ten minutes, for example after contacts were added. */
  async nudge(): Promise<void> {
    await this.#client.workflow.getHandle(this.workflowId).signal(NUDGE_SIGNAL_NAME);
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

/** A campaign whose workflow was started, or ran already. */
export class StartedCampaign extends CampaignHandle {
  constructor(
    client: Client,
    campaignId: string,
    /** Whether this start began the workflow. If not, the campaign's rules and limits are as they were. */
    readonly isNew: boolean,
  ) {
    super(client, campaignId);
  }
}

/**
 * Starts the workflow of a campaign whose contacts are in the worker's database, or attaches to the one that runs, which then
 * looks for new contacts at once. A campaign that has completed is started again, when its last calls have ended; a paused one
 * stays paused.
 *
 * @param client a Temporal client
 * @param input `campaignId`, and the rules and limits to begin with
 * @throws {TypeError} for a malformed campaign ID
 */
export async function startCampaign(
  client: Client,
  input: RunCallCampaignInput,
  { taskQueue = DEFAULT_TASK_QUEUE }: StartCampaignOptions = {},
): Promise<StartedCampaign> {
  const { campaignId } = input;
  checkCampaignId(campaignId);
  try {
    await client.workflow.start(CAMPAIGN_WORKFLOW_TYPE, {
      workflowId: campaignWorkflowId(campaignId),
      taskQueue,
      args: [input],
      // The client does not tell otherwise whether the workflow ran already.
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      ...campaignMetadata(campaignId),
      memo: { campaignId },
    });
    return new StartedCampaign(client, campaignId, true);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const running = new StartedCampaign(client, campaignId, false);
  try {
    await running.nudge();
    return running;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // It has ended in between.
    return await startCampaign(client, input, { taskQueue });
  }
}

/**
 * The handle of a campaign's workflow. Makes no request: whether the workflow exists shows at the first use.
 *
 * @throws {TypeError} for a malformed campaign ID
 */
export function getCampaign(client: Client, campaignId: string): CampaignHandle {
  checkCampaignId(campaignId);
  return new CampaignHandle(client, campaignId);
}

function checkCampaignId(campaignId: string): void {
  if (!isCampaignId(campaignId)) throw new TypeError(`invalid campaign ID: expected ${CAMPAIGN_ID_FORMAT}`);
}
