import type { Client } from '@temporalio/client';

import type { CampaignProgress } from '../contract/campaign.js';
import type { AttemptOutsideDatabase, ReconciledAttempts } from '../contract/reconciliation.js';
import { monitoredCalls, progressInHistory } from './campaign-attempts.js';
import { getCampaign } from './start-campaign.js';

/** What is used of a campaign store, see `openCampaignStore`. */
export interface ReconciledStore {
  progress(campaignId: string): Promise<CampaignProgress>;
  reconcile(campaignId: string, attempts: readonly AttemptOutsideDatabase[]): Promise<ReconciledAttempts>;
}

export interface ReconcileCampaignInput {
  readonly campaignId: string;
  /** Of the database that was restored. */
  readonly store: ReconciledStore;
}

/** What Temporal knows of a campaign's attempts, and what became of that. */
export interface CampaignReconciliation {
  /** Calls that have a monitor. */
  readonly calls: number;
  /** Attempts that are, or once were, ambiguous. */
  readonly ambiguous: number;
  /** Those of both that the database did not have, and has now. */
  readonly recorded: number;
  /** Those whose contact the database does not have: it was added after the copy was made. */
  readonly withoutContact: readonly AttemptOutsideDatabase[];
  /** How many more attempts the workflow has counted at some time than the database has now. Nobody knows which ones. */
  readonly missing: number;
  /** Monitors of calls of campaigns that this client cannot decode. */
  readonly unreadable: number;
}

/**
 * Writes into a database that was restored from a copy what Temporal knows of a campaign's attempts since: the calls, by their
 * monitors, and the ambiguous attempts, by the history of the campaign's workflow. Idempotent. The campaign must not be running:
 * reconcile it, then resume it with `acceptRestored`.
 *
 * Temporal knows neither the numbers of contacts, nor opt-outs, nor reports of dispositions, and nothing that was closed before
 * the namespace retention.
 *
 * @throws {CampaignError} while the campaign is running, or when there is none
 * @throws {TypeError} for a malformed campaign ID
 * @example
 * await reconcileCampaign(client, { campaignId: 'renewals-2026', store: openCampaignStore(url) });
 * await getCampaign(client, 'renewals-2026').resume({ acceptRestored: true });
 */
export async function reconcileCampaign(
  client: Client,
  { campaignId, store }: ReconcileCampaignInput,
): Promise<CampaignReconciliation> {
  getCampaign(client, campaignId);
  const { databaseId } = await store.progress(campaignId);
  // A campaign that is running is refused at once, not after all monitors were listed.
  await store.reconcile(campaignId, []);
  const { calls, unreadable } = await monitoredCalls(client, campaignId);
  const history = await readHistory(client, campaignId, databaseId);
  const hasCall = new Set(calls.map(({ attemptId }) => attemptId));
  const ambiguous = history.ambiguous.filter(({ attemptId }) => !hasCall.has(attemptId));
  const { recorded, withoutContact } = await store.reconcile(campaignId, [...calls, ...ambiguous]);
  const missing = Math.max(0, history.counted - countAttempts(await store.progress(campaignId)));
  return { calls: calls.length, ambiguous: history.ambiguous.length, recorded, withoutContact, missing, unreadable };
}

interface WorkflowHistory {
  readonly ambiguous: readonly AttemptOutsideDatabase[];
  /** The most attempts that the database ever had. */
  readonly counted: number;
}

async function readHistory(client: Client, campaignId: string, databaseId: string): Promise<WorkflowHistory> {
  const ambiguous = new Map<string, AttemptOutsideDatabase>();
  let counted = 0;
  for await (const progress of progressInHistory(client, campaignId)) {
    if (progress.databaseId !== databaseId) continue;
    counted = Math.max(counted, countAttempts(progress));
    for (const { state, attemptId, contactId, at, reason } of progress.lastProblems) {
      if (state === 'ambiguous') ambiguous.set(attemptId, { attemptId, contactId, at, reason });
    }
  }
  return { ambiguous: [...ambiguous.values()], counted };
}

/** Attempts are never deleted, so there are only ever more. */
function countAttempts({ attempts }: CampaignProgress): number {
  return Object.values(attempts).reduce((sum, amount) => sum + amount, 0);
}
