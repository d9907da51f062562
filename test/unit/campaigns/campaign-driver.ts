import { CampaignError } from '../../../src/campaigns/errors.js';
import type { ClaimAnswer, NotSent, OpenCampaignStore, Upkeep } from '../../../src/campaigns/store.js';
import type { NewContact } from '../../../src/campaigns/records.js';
import type { CampaignChange } from '../../../src/contract/campaign.js';
import { WEEKDAYS } from '../../../src/contract/calling-window.js';
import type { RegionalRule } from '../../../src/contract/regional-rules.js';
import type { OpenOutcomeStore } from '../../../src/outcomes.js';
import { failed, succeeded } from '../../support/outcome-samples.js';
import type { CampaignModel, ModelCall, ModelClaim } from './campaign-model.js';

export const EVERY_DAY = { days: WEEKDAYS, from: '00:00', until: '24:00' };
/** Of regions, as the user has them. */
export const OWN_REGIONAL: readonly RegionalRule[] = [
  {
    region: 'US-FL',
    windows: [{ ...EVERY_DAY, from: '03:00', until: '05:30' }],
    holidays: ['last sun of 03', '1st sun of 11'],
    sources: [{ citation: 'counsel' }],
  },
  { region: 'DE', windows: [EVERY_DAY], maxCallsPer24h: 1, sources: [{ citation: 'counsel' }] },
];

const MAX_STEPS_TO_FINISH = 1_000;

/** What the vendor said to a request, as far as the worker learns of it. */
export interface Reply {
  /** `lost`: the worker is gone before it can say so. */
  readonly reply: 'known' | 'ambiguous' | 'lost';
  readonly then: NotSent['then'];
}

export interface Ending {
  /** "" is a success. */
  readonly reason: string;
  /** The outcome is in the outcome store, as a monitor leaves it there. */
  readonly byOutcome: boolean;
}

interface DrivenStores {
  /** On one database, as of several workers, which take turns. */
  readonly workers: readonly OpenCampaignStore[];
  readonly outcomes: OpenOutcomeStore;
}

/** Does to campaign stores what workers and operators do, and tells the model. */
export class CampaignDriver {
  #steps = 0;

  constructor(
    private readonly model: CampaignModel,
    private readonly stores: DrivenStores,
    /** The numbers that may be dialled. */
    readonly numbers: readonly string[],
  ) {}

  /** Imports every number into every campaign, and starts them with rules that allow nearly everything. */
  async begin(): Promise<void> {
    const caps = { maxCallsPer24h: 3, stopAfterFailures: 1_000 };
    const rules = { windows: [EVERY_DAY], closeMargin: 0, regional: { own: OWN_REGIONAL }, ...caps };
    for (const [index, { campaignId, account }] of this.model.campaigns.entries()) {
      await this.#store().create({ campaignId, account });
      for (const [place, number] of this.numbers.entries()) {
        const regions = place % 3 === 0 ? { regions: ['DE'] } : {};
        await this.import(index, { number, timeZones: ['Etc/UTC'], consent: 'web form', ...regions });
      }
      await this.change(index, { kind: 'start', rules, limits: { callsAtOnce: 4, callsPerSecond: 20 } });
    }
  }

  async import(index: number, contact: NewContact): Promise<void> {
    const { campaignId } = this.model.campaigns[index]!;
    await this.#store().addContacts(campaignId, [contact]);
    this.model.imported(campaignId, contact);
  }

  async change(index: number, change: CampaignChange): Promise<void> {
    const campaign = this.model.campaigns[index]!;
    const changeId = `change-${(this.#steps += 1)}`;
    try {
      await this.#store().change({ campaignId: campaign.campaignId, changeId, change });
      this.model.changed(campaign, change);
    } catch (error) {
      // A rule may have paused the campaign, or nothing is left of it.
      if (!(error instanceof CampaignError)) throw error;
    }
  }

  async suppress(number: string): Promise<void> {
    await this.#store().suppress(number, { reason: 'opted out', source: 'agent' });
    this.model.suppressed(number);
  }

  async numberOf({ campaign, contactId }: ModelClaim): Promise<string> {
    for await (const contact of this.#store().contacts(campaign.campaignId)) {
      if (contact.contactId === contactId) return contact.number;
    }
    throw new Error(`no contact ${contactId}`);
  }

  async upkeep(index: number): Promise<Upkeep> {
    return await this.#store().upkeep(this.model.campaigns[index]!.campaignId);
  }

  async claim(index: number): Promise<ClaimAnswer> {
    const campaign = this.model.campaigns[index]!;
    const owner = `owner-${(this.#steps += 1)}`;
    const answer = await this.#store().claim({ campaignId: campaign.campaignId, owner });
    if (answer.kind === 'claimed') this.model.claimed(campaign, answer.claim);
    return answer;
  }

  /** @param reaches whether the request, if it is allowed, reaches the vendor */
  async beginPosting(claim: ModelClaim, reaches: boolean): Promise<ModelCall | undefined> {
    const answer = await this.#store().beginPosting(claim);
    if (answer.kind === 'post') return this.model.allowed(claim, answer.number, reaches);
    this.model.refused(claim);
    return undefined;
  }

  async answer(call: ModelCall, { reply, then }: Reply): Promise<void> {
    const { attemptId, owner } = call;
    if (reply === 'lost') return;
    if (reply === 'ambiguous') await this.#store().recordAmbiguous({ attemptId, owner, reason: 'timeout' });
    else if (call.reaches) return await this.posted(call);
    else await this.#store().recordNotSent({ attemptId, owner, reason: 'refused', then });
    // Nobody believes an answer that comes after the lease.
    if ((await this.#stateOf(call)) === 'not_sent') this.model.notSent(call);
    else call.state = 'ambiguous';
  }

  async posted(call: ModelCall): Promise<void> {
    await this.#store().recordPosted({ attemptId: call.attemptId, callSid: callSidOf(call) });
    call.state = 'posted';
    call.postedAtMs = this.model.clock.nowMs;
  }

  async end(call: ModelCall, { reason, byOutcome }: Ending): Promise<void> {
    const { attemptId, campaign } = call;
    if (byOutcome) {
      const callSid = callSidOf(call);
      await this.stores.outcomes.save(reason === '' ? succeeded(callSid) : failed(callSid, reason));
      await this.#store().upkeep(campaign.campaignId);
    } else {
      await this.#store().recordEnded({ attemptId, status: reason === '' ? 'success' : 'failure', reason });
    }
    call.state = 'ended';
    call.counts = !reason.includes('queueing');
  }

  /** Dials whoever is due, and ends the call. */
  async callOnce(
    index: number,
    { reply, reason }: Pick<Reply, 'reply'> & Pick<Ending, 'reason'>,
  ): Promise<ClaimAnswer> {
    const answer = await this.claim(index);
    const call = answer.kind === 'claimed' && (await this.beginPosting(this.model.claims.at(-1)!, true));
    if (call) await this.answer(call, { reply, then: 'again' });
    if (call && call.state === 'posted') await this.end(call, { reason, byOutcome: false });
    return answer;
  }

  /** Runs the campaigns until nothing is left to do, however often a rule pauses one. */
  async finish(): Promise<void> {
    const { campaigns, clock } = this.model;
    // Of a campaign that has ended, a contact that was imported since waits for the next start.
    const limits = { callsAtOnce: 10, callsPerSecond: 20 };
    for (const index of campaigns.keys()) await this.change(index, { kind: 'start', limits });
    for (let step = 0; step < MAX_STEPS_TO_FINISH; step += 1) {
      for (const call of this.model.callsIn('posted')) await this.end(call, { reason: '', byOutcome: false });
      const waits: number[] = [];
      for (const index of campaigns.keys()) {
        const { state, underWay } = await this.upkeep(index);
        if (state === 'paused') await this.change(index, { kind: 'resume' });
        const answer = await this.callOnce(index, { reply: 'known', reason: '' });
        if (answer.kind === 'wait') waits.push(answer.waitMs);
        else if (underWay > 0 || state === 'running' || state === 'paused') waits.push(1_000);
      }
      if (waits.length === 0) return;
      clock.nowMs += Math.max(1, Math.min(...waits));
    }
    throw new Error(`the campaigns do not end within ${MAX_STEPS_TO_FINISH} steps`);
  }

  #store(): OpenCampaignStore {
    const { workers } = this.stores;
    return workers[(this.#steps += 1) % workers.length]!;
  }

  async #stateOf({ campaign, attemptId }: ModelCall): Promise<string | undefined> {
    for await (const attempt of this.#store().attempts(campaign.campaignId)) {
      if (attempt.attemptId === attemptId) return attempt.state;
    }
    return undefined;
  }
}

/** The call SID that the vendor gives to the call of an attempt. */
export function callSidOf({ attemptId }: Pick<ModelCall, 'attemptId'>): string {
  return `OUT-${attemptId}`;
}
