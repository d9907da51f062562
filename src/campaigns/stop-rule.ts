import type { CampaignRules } from '../contract/campaign-rules.js';
import { NEUTRAL_DISPOSITIONS, SUCCESSFUL_DISPOSITIONS } from './attempt-plan.js';
import { pauseIfRunning, rulesOrPause } from './campaign-state.js';
import { ATTEMPTS } from './database/schema.js';
import { sqlList } from './database/sql.js';
import { type CampaignRow, campaignRow } from './rows.js';
import type { StoreTransaction } from './store-transaction.js';

/**
 * A broken agent must not call ten thousand people: too many failures in a row, or ambiguous attempts, pause the campaign. To be
 * asked when an attempt has failed or become ambiguous, not after each call: it reads many attempts.
 */
export async function pauseIfStopRuleSays(transaction: StoreTransaction, campaignId: string): Promise<void> {
  const campaign = await campaignRow(transaction.tx, campaignId);
  if (campaign.state !== 'running') return;
  const inForce = await rulesOrPause(transaction, campaign);
  if (typeof inForce === 'string') return;
  const { rules } = inForce;
  const reason =
    (await tooManyFailures(transaction, campaign, rules)) ?? (await tooManyAmbiguous(transaction, campaign, rules));
  if (reason !== undefined) await pauseIfRunning(transaction, campaign, reason);
}

const NEUTRAL = sqlList(NEUTRAL_DISPOSITIONS);
const SUCCESSFUL = sqlList(SUCCESSFUL_DISPOSITIONS);

/** Of the latest attempts that say something about the campaign, none was a success. */
async function tooManyFailures(
  { tx }: StoreTransaction,
  campaign: CampaignRow,
  { stopAfterFailures }: CampaignRules,
): Promise<string | undefined> {
  const [row] = await tx.rows<{ readonly failures: number }>(
    `SELECT count(*) AS failures FROM (
       SELECT disposition FROM ${ATTEMPTS}
       WHERE campaign_id = $1 AND ended_at > $2 AND disposition NOT IN (${NEUTRAL})
       ORDER BY ended_at DESC LIMIT $3
     ) AS latest WHERE disposition NOT IN (${SUCCESSFUL})`,
    [campaign.campaign_id, campaign.state_since, stopAfterFailures],
  );
  return row!.failures >= stopAfterFailures ? `${stopAfterFailures} attempts in a row failed` : undefined;
}

async function tooManyAmbiguous(
  { tx }: StoreTransaction,
  campaign: CampaignRow,
  { stopAfterAmbiguous }: CampaignRules,
): Promise<string | undefined> {
  const [row] = await tx.rows<{ readonly ambiguous: number }>(
    `SELECT count(*) AS ambiguous FROM ${ATTEMPTS} WHERE campaign_id = $1 AND state = 'ambiguous' AND ended_at >= $2`,
    [campaign.campaign_id, campaign.state_since],
  );
  return row!.ambiguous >= stopAfterAmbiguous ? `${row!.ambiguous} attempts are ambiguous` : undefined;
}
