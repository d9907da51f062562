import type { Context } from '@temporalio/activity';

import type { CampaignStore, Upkeep } from '../campaigns/store.js';
import type { CampaignProgress, DialContactsInput } from '../contract/campaign.js';
import { abortableSleep } from '../platform/abortable.js';
import { isWorkerShutdown } from './activity-context.js';
import type { Dialler } from './dialler.js';

/** Interval between two upkeeps. */
const TICK_MS = 1_000;
/** While a change is made that concerns many contacts: half of the time is left to claims. */
const REQUEUE_TICK_MS = 20;
/** The next contact is due soon enough to wait for it here. */
const SOON_MS = 5_000;
const HEARTBEAT_EVERY_MS = 5_000;
/** Requests that trigger calls, at once. Live calls are not counted: their monitors are workflows. */
const MAX_REQUESTS = 32;

/** One `dialContacts`: claims and dials contacts of a campaign for some time, and settles the calls that have ended. */
export class ContactDialling {
  readonly #requests = new Set<Promise<void>>();
  readonly #campaignId: string;
  readonly #endsAtMs: number;
  #isStopping = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #databaseId: string | undefined;
  #sequence: number;

  constructor(
    private readonly context: Context,
    private readonly store: CampaignStore,
    private readonly dialler: Dialler,
    { campaignId, forMs, sequence = 0, databaseId }: DialContactsInput,
  ) {
    this.#campaignId = campaignId;
    this.#databaseId = databaseId;
    this.#endsAtMs = performance.now() + forMs;
    this.#sequence = Math.max(sequence, sequenceOf(context.info.heartbeatDetails));
  }

  /**
   * @returns what the database says then: when the time is up, when nothing is due soon, or when the worker shuts
   *   down, so that another one goes on
   * @throws the store's error, also of a database that the campaign is not in, or the cancellation
   */
  async run(): Promise<CampaignProgress> {
    const { cancellationSignal } = this.context;
    const known = { campaignId: this.#campaignId, databaseId: this.#databaseId, sequence: this.#sequence };
    await this.store.requireDatabase(known);
    const heartbeat = setInterval(() => this.context.heartbeat(this.#sequence), HEARTBEAT_EVERY_MS);
    try {
      await this.#dialUntilDone();
    } finally {
      // A request that is on its way is always recorded.
      await Promise.allSettled(this.#requests);
      clearInterval(heartbeat);
    }
    if (this.#failure) throw this.#failure.error;
    if (cancellationSignal.aborted && !isWorkerShutdown(cancellationSignal.reason)) throw cancellationSignal.reason;
    return await this.store.progress(this.#campaignId);
  }

  async #dialUntilDone(): Promise<void> {
    const { cancellationSignal } = this.context;
    let upkeepAtMs = 0;
    while (!this.#isOver()) {
      if (performance.now() >= upkeepAtMs) {
        const upkeep = await this.store.upkeep(this.#campaignId);
        this.#sequence = upkeep.sequence;
        await this.dialler.checkAll(upkeep.unchecked, this.#campaignId);
        upkeepAtMs = performance.now() + (upkeep.isRequeueing ? REQUEUE_TICK_MS : TICK_MS);
        if (isIdle(upkeep) && this.#requests.size === 0) return;
      }
      const waitMs = await this.#claimWhatIsDue(upkeepAtMs);
      await abortableSleep(Math.min(waitMs, Math.max(1, upkeepAtMs - performance.now())), cancellationSignal);
    }
  }

  #isOver(): boolean {
    this.#isStopping ||= this.context.cancellationSignal.aborted || this.#failure !== undefined;
    return this.#isStopping || performance.now() >= this.#endsAtMs;
  }

  /**
   * @param untilMs when to stop, though more may be due
   * @returns how long there is nothing to claim, in milliseconds
   */
  async #claimWhatIsDue(untilMs: number): Promise<number> {
    while (this.#requests.size < MAX_REQUESTS && !this.#isOver() && performance.now() < untilMs) {
      const answer = await this.store.claim({ campaignId: this.#campaignId, owner: crypto.randomUUID() });
      if (answer.kind === 'claimed') {
        this.#track(this.dialler.dial(answer.claim, this.#campaignId));
      } else if (answer.kind !== 'wait') {
        return TICK_MS;
      } else {
        if (answer.waitMs > 0) return answer.waitMs;
        // None of the due contacts it examined can be called; claim again to examine more.
        await abortableSleep(10, this.context.cancellationSignal);
      }
    }
    // Without a request the race would never end.
    if (this.#requests.size === MAX_REQUESTS) await Promise.race(this.#requests);
    return 0;
  }

  #track(dialling: Promise<unknown>): void {
    const request: Promise<void> = dialling
      .then(
        () => undefined,
        (error: unknown) => {
          this.#failure = { error };
        },
      )
      .finally(() => this.#requests.delete(request));
    this.#requests.add(request);
  }
}

/** What the attempt before had seen, which was lost with its worker. */
function sequenceOf(heartbeatDetails: unknown): number {
  return typeof heartbeatDetails === 'number' ? heartbeatDetails : 0;
}

/** Nothing is under way, and nothing is to be dialled soon. */
function isIdle({ state, underWay, nextDueInMs, isRequeueing }: Upkeep): boolean {
  if (underWay > 0 || isRequeueing) return false;
  return state !== 'running' || nextDueInMs === undefined || nextDueInMs > SOON_MS;
}
