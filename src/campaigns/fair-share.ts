import { CAMPAIGNS } from './database/schema.js';
import type { AccountRow, DialDelay } from './limiter.js';
import type { CampaignRow } from './rows.js';
import type { StoreTransaction } from './store-transaction.js';

/** A campaign that claims later than this after its time loses its turn. */
const LATE_MS = 2_000;
/** Extra wait behind the campaign whose turn it is. */
const AFTER_OTHER_MS = 10;

/**
 * Start-time fair queuing among the campaigns of an account that a limit delays. A call costs 1/weight of virtual time; the
 * campaign with the least goes first. An idle campaign resumes at the account's virtual time, so it accumulates no credit.
 */
export async function otherFirst(
  transaction: StoreTransaction,
  campaign: CampaignRow,
  account: AccountRow,
): Promise<DialDelay | undefined> {
  const { tx, nowMs } = transaction;
  const turn = Math.max(campaign.turn, account.turn);
  if (turn === account.turn) return undefined;
  const [other] = await tx.rows<{ readonly asks_again_at: number }>(
    `SELECT asks_again_at FROM ${CAMPAIGNS}
     WHERE account = $1 AND state = 'running' AND turn < $2 AND asks_again_at > $3 AND campaign_id <> $4
     ORDER BY turn LIMIT 1`,
    [campaign.account, turn, nowMs - LATE_MS, campaign.campaign_id],
  );
  if (!other) return undefined;
  const untilMs = Math.max(other.asks_again_at, nowMs) + AFTER_OTHER_MS;
  return { reason: 'another campaign of the account is first', untilMs };
}

/** Whether a campaign is known to have a due contact. */
export function isWaiting({ asks_again_at: asksAgainAt }: CampaignRow, { nowMs }: StoreTransaction): boolean {
  return asksAgainAt !== null && asksAgainAt > nowMs - LATE_MS;
}

/** Records when the campaign will claim again, which reserves its turn; `null` when it has no due contact. */
export async function keepTurn({ tx }: StoreTransaction, campaign: CampaignRow, untilMs: number | null): Promise<void> {
  if (campaign.asks_again_at === untilMs) return;
  await tx.run(`UPDATE ${CAMPAIGNS} SET asks_again_at = $2 WHERE campaign_id = $1`, [campaign.campaign_id, untilMs]);
}

/** @returns the account's virtual time at this call */
export async function takeTurn(
  { tx }: StoreTransaction,
  campaign: CampaignRow,
  { account, weight }: { readonly account: AccountRow; readonly weight: number },
): Promise<number> {
  const turn = Math.max(campaign.turn, account.turn);
  await tx.run(`UPDATE ${CAMPAIGNS} SET turn = $2, asks_again_at = NULL WHERE campaign_id = $1`, [
    campaign.campaign_id,
    turn + 1 / weight,
  ]);
  return turn;
}
