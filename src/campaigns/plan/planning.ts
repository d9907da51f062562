import { type AccountLimits, checkAccountLimits } from '../../contract/campaign.js';
import { DAY_MS } from '../../contract/duration.js';
import { rulesAfter } from '../changes.js';
import { ATTEMPTS } from '../database/schema.js';
import type { SqlDatabase, SqlTransaction } from '../database/sql.js';
import { limitsAfter, readLimits } from '../limiter.js';
import { type CampaignRow, campaignRow, iso } from '../rows.js';
import { type RulesInForce, rulesInForce, type StoreTransaction } from '../store-transaction.js';
import type { CampaignPlan, PlanOptions } from './campaign-plan.js';
import type { PlanContacts } from './contacts.js';
import { countPlanned, listPlanned } from './planned-contacts.js';
import { planQueue } from './queue.js';
import { readPlanContacts } from './reading.js';

const DEFAULT_CALL_MS = 60_000;
const DEFAULT_HORIZON_MS = 14 * DAY_MS;

/** What a plan is made from. */
interface PlanBasis {
  readonly campaign: CampaignRow;
  readonly inForce: RulesInForce;
  readonly limits: AccountLimits;
  readonly callLengthMs: number;
  readonly fromMs: number;
  readonly contacts: PlanContacts;
}

/** Reads what `planCampaign` needs, in one snapshot. */
export async function readPlanBasis(
  transaction: StoreTransaction,
  campaignId: string,
  options: PlanOptions,
): Promise<PlanBasis> {
  const { tx, nowMs } = transaction;
  const { rules, signal, onProgress } = options;
  const campaign = await campaignRow(tx, campaignId);
  const inForce = await rulesFor(transaction, campaign, options);
  return {
    campaign,
    inForce,
    limits: await limitsFor(tx, campaign, options),
    callLengthMs: options.callLengthMs ?? (await meanCallMs(tx, campaignId)) ?? DEFAULT_CALL_MS,
    fromMs: nowMs,
    contacts: await readPlanContacts(transaction, {
      ...{ campaignId, inForce, signal, onProgress },
      isJudgedAnew: rules !== undefined,
    }),
  };
}

/**
 * See `OpenCampaignStore.plan`. What becomes of a contact after its next attempt depends on its outcome, which is not planned.
 *
 * @param db where the contacts' references are read when they are listed
 */
export async function planCampaign(db: SqlDatabase, basis: PlanBasis, options: PlanOptions): Promise<CampaignPlan> {
  const { campaign, inForce, limits, callLengthMs, fromMs, contacts } = basis;
  const { horizonMs = DEFAULT_HORIZON_MS, signal, onProgress } = options;
  signal?.throwIfAborted();
  const intervalMs = Math.max(1_000 / limits.callsPerSecond, callLengthMs / limits.callsAtOnce);
  const untilMs = fromMs + horizonMs;
  const planned = await planQueue(contacts, { inForce, fromMs, untilMs, intervalMs, signal, onProgress });
  return {
    campaignId: campaign.campaign_id,
    state: campaign.state,
    rules: inForce.rules,
    regionalEdition: inForce.packaged?.edition ?? null,
    limits,
    callLengthMs,
    callsPerMinute: 60_000 / intervalMs,
    from: iso(fromMs),
    until: iso(untilMs),
    ...countPlanned(contacts, planned),
    contacts: { [Symbol.asyncIterator]: () => listPlanned(db, contacts, planned) },
  };
}

/** A campaign that does not run takes the packaged rules of this version of the package when it is started. */
async function rulesFor(
  transaction: StoreTransaction,
  campaign: CampaignRow,
  { rules: given }: PlanOptions,
): Promise<RulesInForce> {
  const inForce = await transaction.rulebook.of(transaction.tx, campaign);
  const isStarted = campaign.state === 'running' || campaign.state === 'paused';
  return isStarted && !given ? inForce : rulesInForce(rulesAfter(given ?? {}, inForce));
}

async function limitsFor(tx: SqlTransaction, campaign: CampaignRow, { limits }: PlanOptions): Promise<AccountLimits> {
  const stored = await readLimits(tx, campaign.account);
  if (!limits) return stored;
  checkAccountLimits(limits);
  return limitsAfter(stored, limits);
}

async function meanCallMs(tx: SqlTransaction, campaignId: string): Promise<number | undefined> {
  const [row] = await tx.rows<{ readonly mean: number | null }>(
    `SELECT CAST(avg(length) AS double precision) AS mean FROM (
       SELECT ended_at - posted_at AS length FROM ${ATTEMPTS}
       WHERE campaign_id = $1 AND ended_at IS NOT NULL AND posted_at IS NOT NULL ORDER BY ended_at DESC LIMIT 500) AS calls`,
    [campaignId],
  );
  return row?.mean ?? undefined;
}
