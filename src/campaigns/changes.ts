import { type CampaignChange, type ChangeCampaignInput, checkAccountLimits } from '../contract/campaign.js';
import type { CampaignRulesInput } from '../contract/campaign-rules.js';
import { checkDispositions } from '../contract/disposition.js';
import { parseCampaignRules } from '../contract/parse-campaign-rules.js';
import { changeState, rulesOrPause } from './campaign-state.js';
import { CAMPAIGNS, CHANGES, RULES } from './database/schema.js';
import { CampaignError } from './errors.js';
import { changeLimits } from './limiter.js';
import { isRetry, requeueSome } from './requeue.js';
import { type CampaignRow, campaignRow, type StoredRules } from './rows.js';
import { latestRegionalRules } from './rules/regional-rules.js';
import { acceptRestored, advanceSequence, RESTORED } from './sequence.js';
import type { StoreTransaction } from './store-transaction.js';

/** See `CampaignStore.create`. */
export async function createCampaign(
  { tx, nowMs }: StoreTransaction,
  campaignId: string,
  account: string,
): Promise<CampaignRow> {
  const created = await tx.rows(
    `INSERT INTO ${CAMPAIGNS}
       (campaign_id, account, state, state_reason, state_since, epoch, rules_version, created_at)
     VALUES ($1, $2, 'draft', '', $3, 1, 1, $3) ON CONFLICT (campaign_id) DO NOTHING RETURNING campaign_id`,
    [campaignId, account, nowMs],
  );
  if (created.length > 0) await writeRules({ tx, nowMs }, campaignId, { version: 1, ...rulesAfter({}) });
  const campaign = await campaignRow(tx, campaignId);
  if (campaign.account === account) return campaign;
  const named = (name: string): string => (name === '' ? 'the default account' : `account "${name}"`);
  throw new CampaignError(
    `campaign "${campaignId}" belongs to ${named(campaign.account)}, not to ${named(account)}`,
    'wrong-account',
  );
}

/** See `CampaignStore.change`. In an exclusive transaction. */
export async function change(
  transaction: StoreTransaction,
  { campaignId, changeId, change: wanted }: ChangeCampaignInput,
): Promise<void> {
  const { tx, nowMs } = transaction;
  const campaign = await campaignRow(tx, campaignId);
  const isNew = await tx.rows(
    `INSERT INTO ${CHANGES} (campaign_id, change_id, change, made_at, done_to) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (campaign_id, change_id) DO NOTHING RETURNING change_id`,
    [campaignId, changeId, JSON.stringify(wanted), nowMs, isRetry(wanted) ? '' : null],
  );
  if (isNew.length === 0) return;
  await advanceSequence(transaction);
  await apply(transaction, campaign, wanted);
  // What is left of a change that concerns many contacts is made by upkeep.
  await requeueSome(transaction, campaignId);
}

async function apply(transaction: StoreTransaction, campaign: CampaignRow, wanted: CampaignChange): Promise<void> {
  const { campaign_id: campaignId, state } = campaign;
  if (state === 'cancelled' && wanted.kind !== 'cancel') {
    throw new CampaignError(`campaign "${campaignId}" was cancelled: nothing about it can be changed`, 'wrong-state');
  }
  switch (wanted.kind) {
    case 'start':
      await changeRules(transaction, campaign, wanted.rules);
      if (wanted.limits) await limitAccount(transaction, campaign, wanted.limits);
      // A paused campaign stays paused: a workflow that is started again must not undo what somebody decided.
      if (state === 'draft' || state === 'completed')
        await changeState(transaction, campaignId, startedState(campaign));
      return;
    case 'pause':
      if (state !== 'running') throw wrongState(campaign, 'paused');
      return await changeState(transaction, campaignId, { state: 'paused', reason: wanted.reason ?? '' });
    case 'resume':
      if (state !== 'paused') throw wrongState(campaign, 'resumed');
      if (campaign.restored_at !== null) {
        if (!wanted.acceptRestored) throw restoredError(campaignId);
        await acceptRestored(transaction, campaignId);
      }
      return await changeState(transaction, campaignId, { state: 'running', reason: '' });
    case 'cancel':
      if (state === 'cancelled') return;
      return await changeState(transaction, campaignId, { state: 'cancelled', reason: wanted.reason ?? '' });
    case 'rules':
      return await changeRules(transaction, campaign, wanted.rules);
    case 'limits':
      return await limitAccount(transaction, campaign, wanted.limits);
    case 'retryFailed':
      return checkDispositions(wanted.dispositions);
    case 'retryAmbiguous':
      return;
  }
}

function startedState({ restored_at: restoredAt }: CampaignRow): Parameters<typeof changeState>[2] {
  return restoredAt === null ? { state: 'running', reason: '' } : { state: 'paused', reason: RESTORED };
}

function restoredError(campaignId: string): CampaignError {
  return new CampaignError(
    `campaign "${campaignId}" cannot be resumed: ${RESTORED}. Calls that it made since would be made again. Reconcile it with ` +
      'Temporal (temporal-polyai campaign reconcile), then resume it with acceptRestored',
    'restored',
  );
}

function wrongState({ campaign_id: id, state }: CampaignRow, wanted: string): CampaignError {
  return new CampaignError(`campaign "${id}" is ${state}, so it cannot be ${wanted}`, 'wrong-state');
}

async function limitAccount(transaction: StoreTransaction, campaign: CampaignRow, limits: unknown): Promise<void> {
  checkAccountLimits(limits);
  await changeLimits(transaction.tx, campaign.account, limits);
}

/**
 * Contacts that the rules have deferred or blocked are judged anew.
 *
 * @param input `undefined` to take the packaged rules of this version of the package
 */
async function changeRules(
  transaction: StoreTransaction,
  campaign: CampaignRow,
  input: CampaignRulesInput | undefined,
): Promise<void> {
  const { tx } = transaction;
  const inForce = await rulesOrPause(transaction, campaign);
  const before = typeof inForce === 'string' ? undefined : storedRules(inForce);
  if (!before && !input) return;
  const after = rulesAfter(input ?? {}, before);
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  const version = campaign.rules_version + 1;
  await writeRules(transaction, campaign.campaign_id, { version, ...after });
  await tx.run(`UPDATE ${CAMPAIGNS} SET rules_version = $2 WHERE campaign_id = $1`, [campaign.campaign_id, version]);
}

/**
 * The rules after a change. A rule that is not given stays as it is; where the rules cannot be read, it gets its default. The
 * packaged rules become those of this version of the package.
 */
export function rulesAfter(input: CampaignRulesInput, before?: StoredRules): StoredRules {
  const rules = parseCampaignRules(input, before?.rules);
  return { rules, packaged: rules.regional.packaged ? latestRegionalRules(before?.packaged ?? null) : null };
}

function storedRules({ rules, packaged }: StoredRules): StoredRules {
  return { rules, packaged };
}

async function writeRules(
  { tx, nowMs }: Pick<StoreTransaction, 'tx' | 'nowMs'>,
  campaignId: string,
  { version, rules, packaged }: StoredRules & { readonly version: number },
): Promise<void> {
  await tx.run(
    `INSERT INTO ${RULES} (campaign_id, version, rules, regional_rules, created_at) VALUES ($1, $2, $3, $4, $5)`,
    [campaignId, version, JSON.stringify(rules), packaged && JSON.stringify(packaged), nowMs],
  );
}
