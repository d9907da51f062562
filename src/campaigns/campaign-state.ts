import type { CampaignState } from '../contract/campaign.js';
import { CampaignRulesError } from '../contract/rule-fields.js';
import { CAMPAIGNS } from './database/schema.js';
import type { CampaignRow } from './rows.js';
import type { RulesInForce, StoreTransaction } from './store-transaction.js';

/** Each change of the state begins an epoch: what was claimed in an earlier one is not dialled. */
export async function changeState(
  { tx, nowMs }: Pick<StoreTransaction, 'tx' | 'nowMs'>,
  campaignId: string,
  { state, reason }: { readonly state: CampaignState; readonly reason: string },
): Promise<void> {
  await tx.run(
    `UPDATE ${CAMPAIGNS} SET state = $2, state_reason = $3, state_since = $4, epoch = epoch + 1 WHERE campaign_id = $1`,
    [campaignId, state, reason, nowMs],
  );
}

/** Pauses a campaign, unless it has been paused, cancelled or completed meanwhile. */
export async function pauseIfRunning(
  transaction: StoreTransaction,
  { campaign_id: campaignId, state }: CampaignRow,
  reason: string,
): Promise<void> {
  if (state === 'running') await changeState(transaction, campaignId, { state: 'paused', reason });
}

/**
 * Nothing is dialled or planned by rules that cannot be read: a running campaign is paused.
 *
 * @returns the rules in force, or why there are none
 */
export async function rulesOrPause(
  transaction: StoreTransaction,
  campaign: CampaignRow,
): Promise<RulesInForce | string> {
  try {
    return await transaction.rulebook.of(transaction.tx, campaign);
  } catch (error) {
    if (!(error instanceof CampaignRulesError)) throw error;
    await pauseIfRunning(transaction, campaign, error.message);
    return error.message;
  }
}
