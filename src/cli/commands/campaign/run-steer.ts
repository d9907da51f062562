import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';

import { type CampaignHandle, getCampaign } from '../../../client/start-campaign.js';
import type { CampaignChange, CampaignProgress } from '../../../contract/campaign.js';
import type { Disposition } from '../../../contract/disposition.js';
import { print, printJson } from '../../../platform/printing.js';
import { withCampaignStore } from '../../campaign-store.js';
import { confirm } from '../../dialog.js';
import { withTemporal } from '../../temporal.js';
import { CliError, EXIT_CODES, type ExitCode } from '../../terminal.js';
import { renderCampaignLine } from './campaign-view.js';
import { noWorkflowError, warnWithoutWorker } from './campaign-workflow.js';
import { hasRules, readRules, type RuleFlags } from './rule-options.js';

interface SteerOptions {
  readonly campaignId: string;
  readonly json: boolean;
}

export async function pauseCampaign(
  options: SteerOptions & { readonly reason: string | undefined },
): Promise<ExitCode> {
  return await steer('paused', (campaign) => campaign.pause(options.reason), options);
}

export async function resumeCampaign({
  acceptRestored,
  ...options
}: SteerOptions & { readonly acceptRestored: boolean }): Promise<ExitCode> {
  return await steer('resumed', (campaign) => campaign.resume(acceptRestored ? { acceptRestored } : {}), options);
}

interface CancelOptions extends SteerOptions {
  readonly reason: string | undefined;
  readonly yes: boolean;
}

export async function cancelCampaign({ reason, yes, ...options }: CancelOptions): Promise<ExitCode> {
  const question = `Cancel campaign ${options.campaignId} for good? [y/N] `;
  if (!yes && !(await confirm(question))) return EXIT_CODES.error;
  return await steer('cancelled', (campaign) => campaign.cancel(reason), options);
}

interface RetryFailedOptions extends SteerOptions {
  /** Absent for all failed contacts. */
  readonly dispositions: readonly Disposition[] | undefined;
}

export async function retryFailed({ dispositions, ...options }: RetryFailedOptions): Promise<ExitCode> {
  const which = dispositions ? `failed contacts (${dispositions.join(', ')})` : 'failed contacts';
  return await steer(`${which} are dialled again`, (campaign) => campaign.retryFailed({ dispositions }), {
    ...options,
    whenOver: { kind: 'retryFailed', dispositions },
  });
}

export async function retryAmbiguous({ yes, ...options }: SteerOptions & { readonly yes: boolean }): Promise<ExitCode> {
  const question = `Dial the ambiguous contacts of ${options.campaignId} again? Some of them may be called twice. [y/N] `;
  if (!yes && !(await confirm(question))) return EXIT_CODES.error;
  return await steer('ambiguous contacts are dialled again', (campaign) => campaign.retryAmbiguous(), {
    ...options,
    whenOver: { kind: 'retryAmbiguous' },
  });
}

export async function changeCampaign({ flags, ...options }: SteerOptions & { flags: RuleFlags }): Promise<ExitCode> {
  const given = await readRules(flags);
  if (!hasRules(given)) throw new CliError('nothing to change: give a rule or a limit', EXIT_CODES.usage);
  const change = async (campaign: CampaignHandle): Promise<CampaignProgress> => {
    const { rules, limits } = given;
    const changed = Object.keys(rules).length > 0 ? await campaign.changeRules(rules) : undefined;
    return Object.keys(limits).length > 0 || !changed ? await campaign.changeLimits(limits) : changed;
  };
  return await steer('changed', change, options);
}

interface Update extends SteerOptions {
  /** What the database records when no workflow runs: a campaign without waiting contacts would complete at its start. */
  readonly whenOver?: CampaignChange;
}

async function steer(
  what: string,
  update: (campaign: CampaignHandle) => Promise<CampaignProgress>,
  { campaignId, json, whenOver }: Update,
): Promise<ExitCode> {
  return await withTemporal(async (client) => {
    const campaign = getCampaign(client, campaignId);
    try {
      const progress = await warnWithoutWorker(client, campaign, update(campaign));
      if (json) printJson(progress);
      else print(`${campaignId}: ${what}\n  ${renderCampaignLine(progress)}`);
      return EXIT_CODES.done;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      if (!whenOver) throw noWorkflowError(campaignId);
      return await record(whenOver, await lastProgress(campaign), json);
    }
  });
}

/** @throws {CliError} when the campaign was never started, or its workflow has failed */
async function lastProgress(campaign: CampaignHandle): Promise<CampaignProgress> {
  try {
    return await campaign.result();
  } catch (error) {
    const hasNone = error instanceof WorkflowNotFoundError || error instanceof WorkflowFailedError;
    throw hasNone ? noWorkflowError(campaign.campaignId) : error;
  }
}

/** Records a change in the database of a campaign that is over. Another database is refused. */
async function record(change: CampaignChange, last: CampaignProgress, json: boolean): Promise<ExitCode> {
  const { campaignId, databaseId, sequence } = last;
  return await withCampaignStore(async (store) => {
    await store.requireDatabase({ campaignId, databaseId, sequence });
    await store.change({ campaignId, changeId: randomUUID(), change });
    if (json) printJson(await store.progress(campaignId));
    else
      print(
        `${campaignId}: recorded; no workflow runs: to dial these contacts: temporal-polyai campaign start ${campaignId}`,
      );
    return EXIT_CODES.done;
  });
}
