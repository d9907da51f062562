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
  CAMPAIGN_ID_FORMAT,
  type CampaignChange,
  type CampaignProgress,
  checkAccountLimits,
  isCampaignId,
  isCampaignOver,
  type RunCallCampaignInput,
} from '../contract/campaign.js';
import { parseCampaignRules } from '../contract/campaign-rules.js';
import { RETRY_POLICY } from './activity-calls.js';
import { renderCampaignDetails } from './campaign-details.js';
import {
  campaignProgressQuery,
  cancelUpdate,
  changeLimitsUpdate,
  changeRulesUpdate,
  pauseUpdate,
  resumeUpdate,
  retryAmbiguousUpdate,
} from './campaign-messages.js';

/** How long one activity dials. The history grows by one activity for each, whatever it dialled. */
const TURN_MS = 60_000;
/** Contacts that are imported while nothing is due are seen after this time. */
const MAX_SLEEP_MS = 10 * 60_000;
/** Far below the server's limit of 51,200 events, and soon enough that a campaign moves to a new version. */
const MAX_HISTORY_EVENTS = 4_000;
const MAX_LANES = 10;
const MIN_SLEEP_MS = 1_000;

const { dialContacts } = proxyActivities<CampaignActivities>({
  // After its time is up it waits for requests on their way, and for the store to record them.
  startToCloseTimeout: TURN_MS + 3 * 60_000,
  heartbeatTimeout: 30_000,
  retry: RETRY_POLICY,
  summary: 'dial contacts that are due',
});

const { changeCampaign } = proxyActivities<CampaignActivities>({ startToCloseTimeout: 30_000, retry: RETRY_POLICY });

/**
 * Runs a call campaign: dials its contacts by its rules until none is left. The database has the contacts, attempts and
 * counts, and decides about each call; this workflow keeps activities running, waits, and takes changes.
 *
 * Workflow ID: `campaignWorkflowId(campaignId)`. Query `progress`; updates `pause`, `resume`, `cancel`, `changeRules`,
 * `changeLimits` and `retryAmbiguous`.
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
  const { campaignId, lanes } = parseInput(input);
  const isContinued = workflowInfo().continuedFromExecutionRunId !== undefined;
  const campaign = new Campaign(campaignId, isContinued ? carriedOver : undefined);
  campaign.listen();
  const scope = CancellationScope.current();
  return await CancellationScope.nonCancellable(async () => {
    // Of the first run: a reset, and a run that continues, must not start the campaign again.
    const { rules, limits } = input;
    if (!isContinued) await campaign.change({ kind: 'start', rules, limits }, 'start');
    scope.cancelRequested.catch((error: unknown) => campaign.cancel(error as Error));
    return await campaign.run(lanes, (progress) =>
      makeContinueAsNewFunc<typeof runCallCampaign>()({ campaignId, lanes }, progress),
    );
  });
}

/** What one run of the workflow knows. */
class Campaign {
  #wakeUps = 0;
  #cancellation: Error | undefined;

  constructor(
    private readonly campaignId: string,
    private progress: CampaignProgress | undefined,
  ) {}

  listen(): void {
    const handle = (change: CampaignChange): Promise<CampaignProgress> => this.change(change, currentUpdateInfo()!.id);
    const open = { validator: (_argument?: unknown): void => this.#requireOpen() };
    setHandler(campaignProgressQuery, () => this.progress);
    setHandler(pauseUpdate, (why) => handle({ kind: 'pause', reason: why?.reason }), open);
    setHandler(resumeUpdate, () => handle({ kind: 'resume' }), open);
    setHandler(cancelUpdate, (why) => handle({ kind: 'cancel', reason: why?.reason }), open);
    setHandler(retryAmbiguousUpdate, () => handle({ kind: 'retryAmbiguous' }), open);
    setHandler(changeRulesUpdate, (rules) => handle({ kind: 'rules', rules }), {
      validator: (rules) => {
        this.#requireOpen();
        parseCampaignRules(rules);
      },
    });
    setHandler(changeLimitsUpdate, (limits) => handle({ kind: 'limits', limits }), {
      validator: (limits) => {
        this.#requireOpen();
        checkAccountLimits(limits);
      },
    });
  }

  /** Has the database make a change. It makes one with the same ID once, also when a reset repeats it. */
  async change(change: CampaignChange, id: string): Promise<CampaignProgress> {
    const changeId = `${workflowInfo().firstExecutionRunId}-${id}`;
    try {
      const progress = await changeCampaign({ campaignId: this.campaignId, changeId, change });
      this.#wakeUps += 1;
      return this.#publish(progress);
    } catch (error) {
      throw error instanceof ActivityFailure && error.cause ? error.cause : error;
    }
  }

  /** Cancelling the workflow cancels the campaign; calls under way are followed to their end. */
  async cancel(cancellation: Error): Promise<void> {
    this.#cancellation = cancellation;
    await this.change({ kind: 'cancel', reason: 'its workflow was cancelled' }, 'cancelled');
  }

  async run(lanes: number, continueAsNew: (progress: CampaignProgress) => Promise<never>): Promise<CampaignProgress> {
    for (;;) {
      const wakeUps = this.#wakeUps;
      const progress = await this.#dial(lanes);
      if (openAttempts(progress) === 0) {
        if (isCampaignOver(progress)) return await this.#end(progress);
        await this.#sleep(progress, () => this.#wakeUps > wakeUps);
      }
      const { continueAsNewSuggested, historyLength } = workflowInfo();
      if (!continueAsNewSuggested && historyLength < MAX_HISTORY_EVENTS) continue;
      await condition(allHandlersFinished);
      await continueAsNew(this.progress ?? progress);
    }
  }

  async #dial(lanes: number): Promise<CampaignProgress> {
    const input = { campaignId: this.campaignId, forMs: TURN_MS };
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
    await condition(isWoken, sleepMs);
  }

  #publish(progress: CampaignProgress): CampaignProgress {
    if (!this.progress || progress.readAt >= this.progress.readAt) {
      this.progress = progress;
      setCurrentDetails(renderCampaignDetails(progress));
    }
    return progress;
  }

  #requireOpen(): void {
    if (this.progress && isCampaignOver(this.progress)) {
      throw new TypeError(`campaign "${this.campaignId}" is ${this.progress.state}`);
    }
  }
}

/** Attempts that `dialContacts` still has to follow. */
function openAttempts({ attempts }: CampaignProgress): number {
  return attempts.intended + attempts.posting + attempts.posted;
}

interface CampaignSettings {
  readonly campaignId: string;
  readonly lanes: number;
}

function parseInput(input: unknown): CampaignSettings {
  const { campaignId, lanes, rules, limits } = (input ?? {}) as Partial<Record<keyof RunCallCampaignInput, unknown>>;
  if (!isCampaignId(campaignId)) throw invalid(`campaignId must be ${CAMPAIGN_ID_FORMAT}`);
  const isLanes = typeof lanes === 'number' && Number.isInteger(lanes) && lanes >= 1 && lanes <= MAX_LANES;
  if (lanes != null && !isLanes) throw invalid(`lanes must be a whole number from 1 to ${MAX_LANES}`);
  try {
    if (rules != null) parseCampaignRules(rules);
    if (limits != null) checkAccountLimits(limits);
  } catch (error) {
    throw invalid((error as TypeError).message);
  }
  return { campaignId, lanes: isLanes ? lanes : 1 };
}

function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}
