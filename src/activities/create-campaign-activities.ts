import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

import type { CampaignError, CampaignStore } from '../campaigns/store.js';
import type { Attempt } from '../campaigns/records.js';
import type {
  CampaignProgress,
  ChangeCampaignInput,
  DialContactsInput,
  TriggerCallInput,
  TriggerCallResult,
} from '../contract/campaign.js';
import type { DispositionReport, RecordedDisposition } from '../contract/disposition-report.js';
import { isRecord } from '../contract/is-record.js';
import { type AccountClients, requireAccount } from './accounts.js';
import { ContactDialling } from './dial-contacts.js';
import { Dialler } from './dialler.js';
import { storeFailure } from './outcomes.js';

/** What the activities of campaigns need. */
export interface CampaignDependencies extends AccountClients {
  /** Contacts and attempts, in the database of the worker's outcomes; see `openCampaignStore`. */
  readonly campaigns: CampaignStore;
}

/** The activities of campaigns, by activity type. None of their arguments and results has a phone number. */
export interface CampaignActivities {
  /** Dials one contact of a campaign at most once, and starts the monitor of the call. For workflows of your own. */
  readonly triggerCall: (input: TriggerCallInput) => Promise<TriggerCallResult>;
  /** Dials the contacts of a campaign that are due, for some time, and settles calls that have ended. */
  readonly dialContacts: (input: DialContactsInput) => Promise<CampaignProgress>;
  /** Changes a campaign, once for each change ID. */
  readonly changeCampaign: (input: ChangeCampaignInput) => Promise<CampaignProgress>;
  /** Takes the disposition of an attempt, see `CampaignStore.recordDisposition`. For workflows of your own. */
  readonly recordDisposition: (report: DispositionReport) => Promise<RecordedDisposition>;
}

/**
 * Creates the activities of campaigns, to be registered beside those of `createActivities`.
 *
 * @throws {TypeError} without any account
 * @example
 * const campaigns = openCampaignStore('postgres://user:password@host/database');
 * const activities = { ...createActivities({ polyAi }), ...createCampaignActivities({ polyAi, campaigns }) };
 */
export function createCampaignActivities({ campaigns, ...clients }: CampaignDependencies): CampaignActivities {
  requireAccount(clients);
  return {
    triggerCall: (input) =>
      explained(async () => {
        requireTriggerCallInput(input);
        return await triggerCall(campaigns, clients, input);
      }),
    dialContacts: (input) =>
      explained(async () => {
        const dialler = await diallerFor(campaigns, clients, input.campaignId);
        return await new ContactDialling(Context.current(), campaigns, dialler, input).run();
      }),
    changeCampaign: (input) =>
      explained(async () => {
        await campaigns.requireDatabase(input);
        await campaigns.change(input);
        return await campaigns.progress(input.campaignId);
      }, CHECKED_BY_STORE),
    recordDisposition: (report) => explained(() => campaigns.recordDisposition(report), CHECKED_BY_STORE),
  };
}

function requireTriggerCallInput(input: unknown): asserts input is TriggerCallInput {
  const { campaignId, contactId, attempt } = isRecord(input) ? input : {};
  const isText = typeof campaignId === 'string' && typeof contactId === 'string';
  if (isText && Number.isInteger(attempt)) return;
  const message = 'triggerCall needs a campaignId and a contactId, which are text, and an attempt, a whole number';
  throw ApplicationFailure.nonRetryable(message, 'InvalidInput');
}

async function triggerCall(
  store: CampaignStore,
  clients: AccountClients,
  { campaignId, ...only }: TriggerCallInput,
): Promise<TriggerCallResult> {
  const dialler = await diallerFor(store, clients, campaignId);
  // Nobody else may look after the calls of a campaign that has no workflow.
  const { unchecked } = await store.upkeep(campaignId);
  await dialler.checkAll(unchecked, campaignId);
  const answer = await store.claim({ campaignId, owner: crypto.randomUUID(), only });
  switch (answer.kind) {
    case 'claimed':
      return await dialler.dial(answer.claim, campaignId);
    case 'existing':
      await watch(dialler, answer.attempt, campaignId);
      return resultOf(answer.attempt);
    case 'wait':
      return { kind: 'not-dialled', reason: answer.reason, retryAt: new Date(answer.untilMs).toISOString() };
    case 'none':
      return { kind: 'not-dialled', reason: answer.reason };
  }
}

/** Whoever gets the call SID joins the monitor: an earlier execution may have been lost before it started one. */
async function watch(dialler: Dialler, attempt: Attempt, campaignId: string): Promise<void> {
  const { attemptId, contactId, callSid, state } = attempt;
  if (state !== 'posted' || callSid === undefined) return;
  await dialler.check({ attemptId, contactId, callSid, account: await dialler.accountOf(campaignId) }, campaignId);
}

/** The result of an attempt that an earlier execution made. */
function resultOf({ attemptId, callSid, state, reason }: Attempt): TriggerCallResult {
  if (callSid !== undefined) return { kind: 'posted', attemptId, callSid };
  // Ended without a SID: somebody has reported how the call went, of which only its response was lost.
  if (state === 'ambiguous' || state === 'ended') return { kind: 'ambiguous', attemptId, reason };
  // Another execution is at it, or was lost: its lease tells.
  throw ApplicationFailure.retryable(`attempt ${attemptId} is ${state}`, 'AttemptUnderWay');
}

async function diallerFor(store: CampaignStore, clients: AccountClients, campaignId: string): Promise<Dialler> {
  const dialler = new Dialler(store, clients);
  const account = await dialler.accountOf(campaignId);
  const obstacle = dialler.obstacleFor(account);
  if (obstacle === undefined) return dialler;
  // Another worker of the task queue may.
  throw ApplicationFailure.retryable(obstacle, 'InvalidInput');
}

const INPUT_ERRORS: readonly string[] = ['CampaignError', 'CampaignRulesError'];
/** Where nothing but the store throws, its `TypeError` is about the input. */
const CHECKED_BY_STORE: readonly string[] = [...INPUT_ERRORS, 'TypeError'];

/** Errors as Temporal failures: what the caller must correct is not retried, everything of the store is. */
async function explained<T>(work: () => Promise<T>, inputErrors = INPUT_ERRORS): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'OutcomeStoreError') throw storeFailure('the campaign store cannot be used', error);
    // A worker that has the campaign's database may take it.
    if ((error as Partial<CampaignError>).code === 'other-database') {
      throw ApplicationFailure.retryable(error.message, 'OtherDatabase');
    }
    throw inputErrors.includes(error.name) ? ApplicationFailure.nonRetryable(error.message, 'InvalidInput') : error;
  }
}
