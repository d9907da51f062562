import {
  type CampaignChange,
  type CampaignState,
  type ChangeCampaignInput,
  checkAccountLimits,
} from '../contract/campaign.js';
import {
  type CampaignRules,
  CampaignRulesError,
  type CampaignRulesInput,
  DEFAULT_CAMPAIGN_RULES,
  type Disposition,
  parseCampaignRules,
} from '../contract/campaign-rules.js';
import { verdictOf } from './attempt-plan.js';
import { changeLimits } from './limiter.js';
import { type CampaignRow, campaignRow } from './rows.js';
import { ATTEMPTS, CAMPAIGNS, CHANGES, CONTACTS, RULES } from './schema.js';
import type { RulesInForce, Step } from './step.js';
import { CampaignError } from './store.js';

/** See `CampaignStore.create`. */
export async function createCampaign({ tx, nowMs }: Step, campaignId: string, account: string): Promise<CampaignRow> {
  const created = await tx.rows(
    `INSERT INTO ${CAMPAIGNS}
       (campaign_id, account, state, state_reason, state_since, epoch, rules_version, created_at)
     VALUES ($1, $2, 'draft', '', $3, 1, 1, $3) ON CONFLICT (campaign_id) DO NOTHING RETURNING campaign_id`,
    [campaignId, account, nowMs],
  );
  if (created.length > 0) await writeRules({ tx, nowMs }, campaignId, { version: 1, rules: DEFAULT_CAMPAIGN_RULES });
  const campaign = await campaignRow(tx, campaignId);
  if (campaign.account === account) return campaign;
  const named = (name: string): string => (name === '' ? 'the default account' : `account "${name}"`);
  throw new CampaignError(
    `campaign "${campaignId}" belongs to ${named(campaign.account)}, not to ${named(account)}`,
    'wrong-account',
  );
}

/** See `CampaignStore.change`. In an exclusive transaction. */
export async function change(step: Step, { campaignId, changeId, change: wanted }: ChangeCampaignInput): Promise<void> {
  const { tx, nowMs } = step;
  const campaign = await campaignRow(tx, campaignId);
  const isNew = await tx.rows(
    `INSERT INTO ${CHANGES} (campaign_id, change_id, change, made_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (campaign_id, change_id) DO NOTHING RETURNING change_id`,
    [campaignId, changeId, JSON.stringify(wanted), nowMs],
  );
  if (isNew.length > 0) await apply(step, campaign, wanted);
}

async function apply(step: Step, campaign: CampaignRow, wanted: CampaignChange): Promise<void> {
  const { campaign_id: campaignId, state } = campaign;
  if (state === 'cancelled' && wanted.kind !== 'cancel') {
    throw new CampaignError(`campaign "${campaignId}" was cancelled: nothing about it can be changed`, 'wrong-state');
  }
  switch (wanted.kind) {
    case 'start':
      if (wanted.rules) await changeRules(step, campaign, wanted.rules);
      if (wanted.limits) await limitAccount(step, campaign, wanted.limits);
      // A paused campaign stays paused: a workflow that is started again must not undo what somebody decided.
      if (state === 'draft' || state === 'completed')
        await changeState(step, campaignId, { state: 'running', reason: '' });
      return;
    case 'pause':
      if (state !== 'running') throw wrongState(campaign, 'paused');
      return await changeState(step, campaignId, { state: 'paused', reason: wanted.reason ?? '' });
    case 'resume':
      if (state !== 'paused') throw wrongState(campaign, 'resumed');
      return await changeState(step, campaignId, { state: 'running', reason: '' });
    case 'cancel':
      if (state === 'cancelled') return;
      return await changeState(step, campaignId, { state: 'cancelled', reason: wanted.reason ?? '' });
    case 'rules':
      return await changeRules(step, campaign, wanted.rules);
    case 'limits':
      return await limitAccount(step, campaign, wanted.limits);
    case 'retryAmbiguous':
      return await retryAmbiguous(step, campaign);
  }
}

function wrongState({ campaign_id: id, state }: CampaignRow, wanted: string): CampaignError {
  return new CampaignError(`campaign "${id}" is ${state}, so it cannot be ${wanted}`, 'wrong-state');
}

/** Each change of the state begins an epoch: what was claimed in an earlier one is not dialled. */
export async function changeState(
  { tx, nowMs }: Pick<Step, 'tx' | 'nowMs'>,
  campaignId: string,
  { state, reason }: { readonly state: CampaignState; readonly reason: string },
): Promise<void> {
  await tx.run(
    `UPDATE ${CAMPAIGNS} SET state = $2, state_reason = $3, state_since = $4, epoch = epoch + 1 WHERE campaign_id = $1`,
    [campaignId, state, reason, nowMs],
  );
}

/**
 * Nothing is dialled or planned by rules that cannot be read: a running campaign is paused.
 *
 * @returns the rules in force, or why there are none
 */
export async function rulesOrPause(step: Step, campaign: CampaignRow): Promise<RulesInForce | string> {
  try {
    return await step.rulebook.of(step.tx, campaign);
  } catch (error) {
    if (!(error instanceof CampaignRulesError)) throw error;
    const { campaign_id: campaignId, state } = campaign;
    if (state === 'running') await changeState(step, campaignId, { state: 'paused', reason: error.message });
    return error.message;
  }
}

async function limitAccount(step: Step, campaign: CampaignRow, limits: unknown): Promise<void> {
  checkAccountLimits(limits);
  await changeLimits(step.tx, campaign.account, limits);
}

/** A rule that is not given stays as it is; where the rules cannot be read, it gets its default. Contacts that wait for a window are judged anew. */
async function changeRules(step: Step, campaign: CampaignRow, input: CampaignRulesInput): Promise<void> {
  const { tx } = step;
  const inForce = await rulesOrPause(step, campaign);
  const before = typeof inForce === 'string' ? undefined : inForce.rules;
  const rules = parseCampaignRules(input, before);
  if (JSON.stringify(rules) === JSON.stringify(before)) return;
  const version = campaign.rules_version + 1;
  await writeRules(step, campaign.campaign_id, { version, rules });
  await tx.run(`UPDATE ${CAMPAIGNS} SET rules_version = $2 WHERE campaign_id = $1`, [campaign.campaign_id, version]);
  await tx.run(
    `UPDATE ${CONTACTS} SET state = 'waiting', due_at = not_before, reason = ''
     WHERE campaign_id = $1 AND (state = 'blocked' OR (state = 'waiting' AND due_at > not_before))`,
    [campaign.campaign_id],
  );
}

async function writeRules(
  { tx, nowMs }: Pick<Step, 'tx' | 'nowMs'>,
  campaignId: string,
  { version, rules }: { readonly version: number; readonly rules: CampaignRules },
): Promise<void> {
  await tx.run(`INSERT INTO ${RULES} (campaign_id, version, rules, created_at) VALUES ($1, $2, $3, $4)`, [
    campaignId,
    version,
    JSON.stringify(rules),
    nowMs,
  ]);
}

async function retryAmbiguous({ tx, nowMs }: Step, { campaign_id: campaignId }: CampaignRow): Promise<void> {
  await tx.run(
    `UPDATE ${CONTACTS} SET state = 'waiting', reason = 'to be dialled again after an ambiguous attempt',
       not_before = $2, due_at = $2
     WHERE campaign_id = $1 AND state = 'ambiguous'`,
    [campaignId, nowMs],
  );
}

/** A broken agent must not call ten thousand people: too many failures in a row, or ambiguous attempts, pause the campaign. */
export async function pauseIfStopRuleSays(step: Step, campaignId: string): Promise<void> {
  const campaign = await campaignRow(step.tx, campaignId);
  if (campaign.state !== 'running') return;
  const inForce = await rulesOrPause(step, campaign);
  if (typeof inForce === 'string') return;
  const { rules } = inForce;
  const reason = (await tooManyFailures(step, campaign, rules)) ?? (await tooManyAmbiguous(step, campaign, rules));
  if (reason !== undefined) await changeState(step, campaignId, { state: 'paused', reason });
}

async function tooManyFailures(
  { tx }: Step,
  campaign: CampaignRow,
  { stopAfterFailures }: CampaignRules,
): Promise<string | undefined> {
  const ended = await tx.rows<{ readonly disposition: Disposition }>(
    `SELECT disposition FROM ${ATTEMPTS}
     WHERE campaign_id = $1 AND ended_at > $2 AND disposition NOT IN ('no-answer', 'busy', 'voicemail', 'vendor-queue')
     ORDER BY ended_at DESC LIMIT $3`,
    [campaign.campaign_id, campaign.state_since, stopAfterFailures],
  );
  if (ended.length < stopAfterFailures) return undefined;
  const isStopped = ended.every(({ disposition }) => verdictOf(disposition) === 'failure');
  return isStopped ? `${stopAfterFailures} attempts in a row failed` : undefined;
}

async function tooManyAmbiguous(
  { tx }: Step,
  campaign: CampaignRow,
  { stopAfterAmbiguous }: CampaignRules,
): Promise<string | undefined> {
  const [row] = await tx.rows<{ readonly ambiguous: number }>(
    `SELECT count(*) AS ambiguous FROM ${ATTEMPTS} WHERE campaign_id = $1 AND state = 'ambiguous' AND ended_at >= $2`,
    [campaign.campaign_id, campaign.state_since],
  );
  return row!.ambiguous >= stopAfterAmbiguous ? `${row!.ambiguous} attempts are ambiguous` : undefined;
}
