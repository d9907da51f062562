import { ATTEMPTS, CAMPAIGNS, SEQUENCE } from './database/schema.js';
import { CampaignError } from './errors.js';
import type { StoreTransaction } from './store-transaction.js';

/** Why a campaign is paused whose database is an older copy. */
export const RESTORED = 'the database is older than what was done with it: it was restored from a copy, or replaced';

/**
 * Counts what must not be forgotten: each request to dial, suppression, report and change. Temporal's workflows and the workers
 * know how far the database had come, so that an older copy is found out before it dials.
 */
export async function advanceSequence({ tx }: Pick<StoreTransaction, 'tx'>): Promise<void> {
  await tx.run(`UPDATE ${SEQUENCE} SET value = value + 1`);
}

/** Not an older copy: the worker, or the campaign's workflow, belongs elsewhere. */
export function otherDatabaseError(campaignId: string, wanted: string, found: string): CampaignError {
  return new CampaignError(
    `campaign "${campaignId}" runs on database ${wanted}, and this worker has another one (${found}): let all workers of the task ` +
      "queue use one database. If the campaign's was replaced for good, terminate its workflow and start it again",
    'other-database',
  );
}

/** The database is an older copy: nothing is dialled until a person says so, for each campaign. */
export async function pauseRestored({ tx, nowMs }: StoreTransaction, sequence: number): Promise<void> {
  await tx.run(`UPDATE ${SEQUENCE} SET value = $1`, [sequence]);
  await tx.run(`UPDATE ${CAMPAIGNS} SET restored_at = $1 WHERE state <> 'cancelled'`, [nowMs]);
  await tx.run(
    `UPDATE ${CAMPAIGNS} SET state = 'paused', state_reason = $1, state_since = $2, epoch = epoch + 1
     WHERE state IN ('running', 'paused')`,
    [RESTORED, nowMs],
  );
  // What was about to be requested when the copy was made may have been since.
  await tx.run(`UPDATE ${ATTEMPTS} SET state = 'posting', posting_at = intended_at WHERE state = 'intended'`);
}

/**
 * A person has said that the campaign may go on with the older copy. It lacks the outcomes that were saved since, so the monitors
 * of the calls that it takes for live are asked at once.
 */
export async function acceptRestored(
  { tx, nowMs }: Pick<StoreTransaction, 'tx' | 'nowMs'>,
  campaignId: string,
): Promise<void> {
  await tx.run(`UPDATE ${CAMPAIGNS} SET restored_at = NULL WHERE campaign_id = $1`, [campaignId]);
  await tx.run(`UPDATE ${ATTEMPTS} SET check_at = $2 WHERE campaign_id = $1 AND state = 'posted'`, [campaignId, nowMs]);
}
