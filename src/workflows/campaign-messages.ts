import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

import type { AccountLimits, CampaignProgress, RetryFailedOptions } from '../contract/campaign.js';
import type { CampaignRulesInput } from '../contract/campaign-rules.js';
import { CAMPAIGN_UPDATE_NAMES, NUDGE_SIGNAL_NAME, PROGRESS_QUERY_NAME } from '../contract/names.js';

/** What the database said when the workflow last read it; absent before that. */
export const campaignProgressQuery = defineQuery<CampaignProgress | undefined, [], typeof PROGRESS_QUERY_NAME>(
  PROGRESS_QUERY_NAME,
);

/** Argument of the updates `pause` and `cancel`. */
export interface StateChangeReason {
  readonly reason?: string | undefined;
}

/** No new calls from now on; calls under way go on. */
export const pauseUpdate = defineUpdate<CampaignProgress, [StateChangeReason | undefined]>(CAMPAIGN_UPDATE_NAMES.pause);

/** Argument of the update `resume`. */
export interface ResumeOptions {
  /**
   * Goes on although the database is an older copy: calls that were made since may be made again.
   * @default false
   */
  readonly acceptRestored?: boolean | undefined;
}

export const resumeUpdate = defineUpdate<CampaignProgress, [ResumeOptions | undefined]>(CAMPAIGN_UPDATE_NAMES.resume);

/** No new calls any more. The workflow ends when the calls under way have ended. */
export const cancelUpdate = defineUpdate<CampaignProgress, [StateChangeReason | undefined]>(
  CAMPAIGN_UPDATE_NAMES.cancel,
);

/** A rule that is not given stays as it is. */
export const changeRulesUpdate = defineUpdate<CampaignProgress, [CampaignRulesInput]>(
  CAMPAIGN_UPDATE_NAMES.changeRules,
);

/** The limits of the campaign's account, for all its campaigns. */
export const changeLimitsUpdate = defineUpdate<CampaignProgress, [Partial<AccountLimits>]>(
  CAMPAIGN_UPDATE_NAMES.changeLimits,
);

/** Dials ambiguous contacts again, on the word of a person: some of them may be called twice. */
export const retryAmbiguousUpdate = defineUpdate<CampaignProgress>(CAMPAIGN_UPDATE_NAMES.retryAmbiguous);

/** Dials failed contacts again, with all attempts that the rules allow. */
export const retryFailedUpdate = defineUpdate<CampaignProgress, [RetryFailedOptions | undefined]>(
  CAMPAIGN_UPDATE_NAMES.retryFailed,
);

/** Look at the database now: contacts were added, or a disposition was reported. */
export const nudgeCampaignSignal = defineSignal<[], typeof NUDGE_SIGNAL_NAME>(NUDGE_SIGNAL_NAME);
