import { ApplicationFailure } from '@temporalio/workflow';

import {
  CAMPAIGN_ID_FORMAT,
  checkAccountLimits,
  isCampaignId,
  MAX_LANES,
  type RunCallCampaignInput,
} from '../contract/campaign.js';
import { parseCampaignRules } from '../contract/parse-campaign-rules.js';

/** The campaign's input, validated and with defaults applied. Rules and limits are validated again by the store. */
export interface CampaignSettings {
  readonly campaignId: string;
  readonly lanes: number;
}

/** @throws ApplicationFailure `InvalidInput` */
export function parseCampaignInput(input: unknown): CampaignSettings {
  const { campaignId, lanes, rules, limits } = (input ?? {}) as Partial<Record<keyof RunCallCampaignInput, unknown>>;
  if (!isCampaignId(campaignId)) throw invalid(`campaignId must be ${CAMPAIGN_ID_FORMAT}`);
  const isLanes = typeof lanes === 'number' && Number.isInteger(lanes) && lanes >= 1 && lanes <= MAX_LANES;
  if (lanes != null && !isLanes) throw invalid(`lanes must be a whole number from 1 to ${MAX_LANES}`);
  try {
    if (rules != null) parseCampaignRules(rules);
    if (limits != null) checkAccountLimits(limits);
  } catch (error) {
    throw invalid((error as TypeError).message);
  }
  return { campaignId, lanes: isLanes ? lanes : 1 };
}

function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}
