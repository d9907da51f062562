import type { AccountRow, DialDelay } from './limiter.js';
import type { CampaignRow } from './rows.js';
import { CAMPAIGNS } from './schema.js';
import type { StoreTransaction } from './store-transaction.js';

/** How late a campaign may ask again before the others go on without it. */
const LATE_MS = 2_000;
/** Who must let another campaign go first asks again so long after that one is to. */
const AFTER_OTHER_MS = 10;

/**
 * Start-time fair queuing of the campaigns that an account's limits hold up. Each call of a campaign costs it 1/weight of
 * virtual time, and of those that wait the one that is furthest behind goes first. The account's virtual time is that of its
 * last call: who had nobody to dial comes back at it, and has saved up nothing. Where no limit holds anybody up, nobody waits
 * for anybody.
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

/** Whether a campaign is known to have somebody to dial. */
export function isWaiting({ asks_again_at: asksAgainAt }: CampaignRow, { nowMs }: StoreTransaction): boolean {
  return asksAgainAt !== null && asksAgainAt > nowMs - LATE_MS;
}

/** The campaign has somebody to dial, and is to ask again: until then its turn is kept. Without a time it has nobody. */
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
