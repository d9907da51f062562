import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  currentUpdateInfo,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import type { CampaignActivities } from '../activities/create-campaign-activities.js';
import {
  type CampaignChange,
  type CampaignProgress,
  checkAccountLimits,
  countOpenAttempts,
  isCampaignOver,
  type RetryFailedOptions,
  type RunCallCampaignInput,
} from '../contract/campaign.js';
import { checkDispositions } from '../contract/disposition.js';
import { parseCampaignRules } from '../contract/parse-campaign-rules.js';
import { RETRY_POLICY } from './activity-calls.js';
import { renderCampaignDetails } from './campaign-details.js';
import { parseCampaignInput } from './campaign-input.js';
import {
  campaignProgressQuery,
  cancelUpdate,
  changeLimitsUpdate,
  changeRulesUpdate,
  nudgeCampaignSignal,
  pauseUpdate,
  type ResumeOptions,
  resumeUpdate,
  retryAmbiguousUpdate,
  retryFailedUpdate,
  type StateChangeReason,
} from './campaign-messages.js';

/** How long one activity dials. The history grows by one activity for each, whatever it dialled. */
const TURN_MS = 60_000;
/** Contacts that are imported while nothing is due are seen after this time. */
const MAX_SLEEP_MS = 10 * 60_000;
/** Far below the server's limit of 51,200 events, and soon enough that a campaign moves to a new version. */
const MAX_HISTORY_EVENTS = 4_000;
const MIN_SLEEP_MS = 1_000;

const { dialContacts } = proxyActivities<CampaignActivities>({
  // After its time is up it waits for requests on their way, and for the store to record them.
  startToCloseTimeout: TURN_MS + 3 * 60_000,
  heartbeatTimeout: 30_000,
  retry: RETRY_POLICY,
  summary: 'dial contacts that are due',
});

const CHANGE_OPTIONS = { startToCloseTimeout: 30_000, retry: RETRY_POLICY };

/** One line for the Web UI. */
const CHANGE_SUMMARIES: Readonly<Record<CampaignChange['kind'], string>> = {
  start: 'start the campaign',
  pause: 'pause: no new calls',
  resume: 'resume',
  cancel: 'cancel: no new calls any more',
  rules: 'change the rules',
  limits: 'change the limits of the account',
  retryAmbiguous: 'dial ambiguous contacts again',
  retryFailed: 'dial failed contacts again',
};

/**
 * Runs a call campaign: dials its contacts by its rules until none is left. The database has the contacts, attempts and
 * counts, and decides about each call; this workflow keeps activities running, waits, and takes changes.
 *
 * Workflow ID: `campaignWorkflowId(campaignId)`. Query `progress`; signal `nudge`; updates `pause`, `resume`, `cancel`,
 * `changeRules`, `changeLimits`, `retryAmbiguous` and `retryFailed`.
 *
 * @param input see {@link RunCallCampaignInput}; checked, because clients in any language may send it
 * @param carriedOver the last progress of the previous run; starters leave it out
 * @returns the campaign's last progress
 * @throws ApplicationFailure `InvalidInput`
 */
export async function runCallCampaign(
  input: RunCallCampaignInput,
  carriedOver?: CampaignProgress,
): Promise<CampaignProgress> {
  const { campaignId, lanes } = parseCampaignInput(input);
  const isContinued = workflowInfo().continuedFromExecutionRunId !== undefined;
  const campaign = new Campaign(campaignId, isContinued ? carriedOver : undefined);
  campaign.listen();
  const scope = CancellationScope.current();
  return await CancellationScope.nonCancellable(async () => {
    // Only the first run starts the campaign. After a reset the change has the same ID, so the database ignores it.
    const { rules, limits } = input;
    if (!isContinued) await campaign.change({ kind: 'start', rules, limits }, 'start');
    scope.cancelRequested.catch((error: unknown) => campaign.cancel(error as Error));
    return await campaign.run(lanes, async (progress, isUpgrade) => {
      const options = isUpgrade ? ({ initialVersioningBehavior: 'AUTO_UPGRADE' } as const) : undefined;
      return await makeContinueAsNewFunc<typeof runCallCampaign>(options)({ campaignId, lanes }, progress);
    });
  });
}

/** What one run of the workflow knows. */
class Campaign {
  #wakeUps = 0;
  #cancellation: Error | undefined;
  /** Why the database did not take the cancellation. */
  #failure: Error | undefined;

  constructor(
    private readonly campaignId: string,
    private progress: CampaignProgress | undefined,
  ) {}

  listen(): void {
    const handle = async (change: CampaignChange): Promise<CampaignProgress> => {
      const { id } = currentUpdateInfo()!;
      // An update may come before the campaign has been started.
      await condition(() => this.progress !== undefined);
      return await this.change(change, id);
    };
    const open = {
      validator: (given?: StateChangeReason & ResumeOptions): void => this.#check(() => checkSteering(given)),
    };
    setHandler(campaignProgressQuery, () => this.progress);
    setHandler(pauseUpdate, (why) => handle({ kind: 'pause', reason: why?.reason }), open);
    setHandler(resumeUpdate, (how) => handle({ kind: 'resume', acceptRestored: how?.acceptRestored }), open);
    setHandler(cancelUpdate, (why) => handle({ kind: 'cancel', reason: why?.reason }), open);
    setHandler(nudgeCampaignSignal, () => void (this.#wakeUps += 1));
    setHandler(retryAmbiguousUpdate, () => handle({ kind: 'retryAmbiguous' }), open);
    // Only what it may have: a client in any language may send more.
    setHandler(retryFailedUpdate, (which) => handle({ kind: 'retryFailed', dispositions: which?.dispositions }), {
      validator: (which: RetryFailedOptions | undefined) => this.#check(() => checkDispositions(which?.dispositions)),
    });
    setHandler(changeRulesUpdate, (rules) => handle({ kind: 'rules', rules }), {
      validator: (rules) => this.#check(() => parseCampaignRules(rules)),
    });
    setHandler(changeLimitsUpdate, (limits) => handle({ kind: 'limits', limits }), {
      validator: (limits) => this.#check(() => checkAccountLimits(limits)),
    });
  }

  /** Has the database make a change. It makes one with the same ID once, also when a reset repeats it. */
  async change(change: CampaignChange, id: string): Promise<CampaignProgress> {
    const changeId = `${workflowInfo().firstExecutionRunId}-${id}`;
    const summary = CHANGE_SUMMARIES[change.kind];
    const { changeCampaign } = proxyActivities<CampaignActivities>({ ...CHANGE_OPTIONS, summary });
    try {
      const { campaignId, progress: { sequence, databaseId } = {} } = this;
      const progress = await changeCampaign({ campaignId, changeId, change, sequence, databaseId });
      this.#wakeUps += 1;
      return this.#publish(progress);
    } catch (error) {
      throw error instanceof ActivityFailure && error.cause ? error.cause : error;
    }
  }

  /** Cancelling the workflow cancels the campaign; calls under way are followed to their end. */
  async cancel(cancellation: Error): Promise<void> {
    this.#cancellation = cancellation;
    try {
      await this.change({ kind: 'cancel', reason: 'its workflow was cancelled' }, 'cancelled');
    } catch (error) {
      this.#failure = error as Error;
      this.#wakeUps += 1;
    }
  }

  async run(
    lanes: number,
    continueAsNew: (progress: CampaignProgress, isUpgrade: boolean) => Promise<never>,
  ): Promise<CampaignProgress> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const wakeUps = this.#wakeUps;
      const progress = await this.#dial(lanes);
      if (countOpenAttempts(progress) === 0) {
        if (isCampaignOver(progress)) return await this.#end(progress);
        await this.#sleep(progress, () => this.#wakeUps > wakeUps);
      }
      const { continueAsNewSuggested, historyLength, targetWorkerDeploymentVersionChanged } = workflowInfo();
      // Of a pinned workflow: the next run moves to the version that was deployed.
      const isUpgrade = targetWorkerDeploymentVersionChanged;
      if (!continueAsNewSuggested && historyLength < MAX_HISTORY_EVENTS && !isUpgrade) continue;
      await condition(allHandlersFinished);
      // The next run would not know of it. Until the last calls have ended, this one grows by 6 events a minute.
      if (this.#cancellation) continue;
      await continueAsNew(this.progress ?? progress, isUpgrade);
    }
  }

  async #dial(lanes: number): Promise<CampaignProgress> {
    const { campaignId, progress: { sequence, databaseId } = {} } = this;
    const input = { campaignId, forMs: TURN_MS, sequence, databaseId };
    const read = await Promise.all(Array.from({ length: lanes }, () => dialContacts(input)));
    return this.#publish(read.reduce((one, other) => (one.readAt > other.readAt ? one : other)));
  }

  async #end(progress: CampaignProgress): Promise<CampaignProgress> {
    await condition(allHandlersFinished);
    if (this.#cancellation) throw this.#cancellation;
    return progress;
  }

  /** Until the next contact is due, or a change. A paused campaign may be resumed through the store, without an update. */
  async #sleep({ state, nextDueAt, readAt }: CampaignProgress, isWoken: () => boolean): Promise<void> {
    // By the clock of the database alone.
    const untilDueMs = nextDueAt === undefined ? 0 : Date.parse(nextDueAt) - Date.parse(readAt);
    const sleepMs = state === 'running' ? Math.min(Math.max(untilDueMs, MIN_SLEEP_MS), MAX_SLEEP_MS) : MAX_SLEEP_MS;
    const summary = state === 'running' ? 'until the next contact is due, or a change' : `${state}: until a change`;
    await condition(isWoken, sleepMs, { summary });
  }

  #publish(progress: CampaignProgress): CampaignProgress {
    if (!this.progress || progress.readAt >= this.progress.readAt) {
      // Of an older copy of the database it is lower; what was known remains so.
      this.progress = { ...progress, sequence: Math.max(progress.sequence, this.progress?.sequence ?? 0) };
      setCurrentDetails(renderCampaignDetails(progress));
    }
    return progress;
  }

  /** Rejects an update of a campaign that is over, and one whose argument is not valid, before it is in the history. */
  #check(checkArgument: () => unknown): void {
    if (this.progress && isCampaignOver(this.progress)) {
      const message = `campaign "${this.campaignId}" is ${this.progress.state}`;
      throw ApplicationFailure.nonRetryable(message, 'CampaignOver');
    }
    try {
      checkArgument();
    } catch (error) {
      throw ApplicationFailure.nonRetryable((error as Error).message, 'InvalidInput');
    }
  }
}

function checkSteering(given: (StateChangeReason & ResumeOptions) | null | undefined): void {
  const { reason, acceptRestored } = given ?? {};
  if (reason != null && typeof reason !== 'string') throw new TypeError('reason must be text');
  if (acceptRestored != null && typeof acceptRestored !== 'boolean') {
    throw new TypeError('acceptRestored must be true or false');
  }
}
