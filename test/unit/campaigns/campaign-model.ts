import { expect } from 'vitest';

import type { Claim } from '../../../src/campaigns/store.js';
import type { NewContact } from '../../../src/campaigns/records.js';
import { type AccountLimits, type CampaignChange, DEFAULT_ACCOUNT_LIMITS } from '../../../src/contract/campaign.js';
import { type CampaignRules, DEFAULT_CAMPAIGN_RULES } from '../../../src/contract/campaign-rules.js';
import type { RegionalRule } from '../../../src/contract/regional-rules.js';
import { parseCampaignRules } from '../../../src/contract/parse-campaign-rules.js';
import { isAllowedByRegion, PACKAGED, rulesFor } from '../../support/regional-rules.js';
import { isAllowed } from '../../support/wall-clock.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A claim is good for so long. */
const CLAIM_LEASE_MS = 30 * SECOND_MS;
/** A claim that is posted later takes its place in the account's rate anew. */
const CLAIM_HOLDS_RATE_MS = 2 * SECOND_MS;

interface ModelCampaign {
  readonly campaignId: string;
  readonly account: string;
  /** Why nothing may be dialled, by what the test has asked for. */
  off: 'draft' | 'paused' | 'cancelled' | undefined;
  rules: CampaignRules;
  /** Counts what makes an earlier claim invalid: pauses, and changes of the rules. */
  era: number;
}

/** A claim that is not posted yet. */
export interface ModelClaim extends Claim {
  readonly campaign: ModelCampaign;
  readonly era: number;
  readonly atMs: number;
}

/** An attempt whose request was allowed: from then on it may be a call, unless it certainly never was. */
export interface ModelCall {
  readonly attemptId: string;
  readonly contactId: string;
  readonly owner: string;
  readonly campaign: ModelCampaign;
  readonly number: string;
  readonly atMs: number;
  /** Whether the request reached the vendor, which then dials. */
  readonly reaches: boolean;
  state: 'posting' | 'posted' | 'ended' | 'ambiguous';
  postedAtMs?: number;
  /** Whether it counts against caps and attempts: the vendor may have queued it for too long. */
  counts: boolean;
}

interface ModelAccount {
  limits: AccountLimits;
  nextCallAtMs: number;
}

/**
 * What a test knows of campaigns by what it did itself, and what follows for each call: the store is asked for nothing here.
 * Each method that notes an answer of the store throws when the store must not have given it.
 */
export class CampaignModel {
  readonly campaigns: readonly ModelCampaign[];
  readonly claims: ModelClaim[] = [];
  readonly calls: ModelCall[] = [];
  readonly #contacts = new Map<string, NewContact>();
  readonly #suppressed = new Set<string>();
  readonly #accounts = new Map<string, ModelAccount>();

  constructor(
    readonly clock: { nowMs: number },
    campaigns: readonly Pick<ModelCampaign, 'campaignId' | 'account'>[],
  ) {
    this.campaigns = campaigns.map((given) => ({ ...given, off: 'draft', rules: DEFAULT_CAMPAIGN_RULES, era: 0 }));
  }

  callsIn(state: ModelCall['state']): ModelCall[] {
    return this.calls.filter((call) => call.state === state);
  }

  imported(campaignId: string, contact: NewContact): void {
    this.#contacts.set(`${campaignId} ${contact.number}`, contact);
  }

  suppressed(number: string): void {
    this.#suppressed.add(number);
  }

  /** A change that the store has made. */
  changed(campaign: ModelCampaign, change: CampaignChange): void {
    switch (change.kind) {
      case 'start':
        if (campaign.off === 'draft') campaign.off = undefined;
        if (change.limits) this.#limit(campaign, change.limits);
        if (change.rules) this.#rule(campaign, change.rules);
        return;
      case 'pause':
        campaign.off = 'paused';
        campaign.era += 1;
        return;
      case 'resume':
        campaign.off = undefined;
        return;
      case 'cancel':
        campaign.off = 'cancelled';
        return;
      case 'rules':
        return this.#rule(campaign, change.rules);
      case 'limits':
        return this.#limit(campaign, change.limits);
      case 'retryAmbiguous':
      case 'retryFailed':
        return;
    }
  }

  claimed(campaign: ModelCampaign, claim: Claim): void {
    const { nowMs } = this.clock;
    const account = this.#account(campaign);
    expect(campaign.off, 'claimed by a campaign that must not dial').toBeUndefined();
    expect(nowMs, 'claimed above the calls per second').toBeGreaterThanOrEqual(account.nextCallAtMs);
    expect(this.#slotsTaken(campaign.account), 'claimed above the calls at once').toBeLessThan(
      account.limits.callsAtOnce,
    );
    const earlier = this.calls.filter(({ contactId }) => contactId === claim.contactId);
    expect(earlier.at(-1)?.state, 'claimed a contact whose last call is live').not.toBe('posted');
    account.nextCallAtMs = nowMs + 1_000 / account.limits.callsPerSecond;
    this.claims.push({ ...claim, campaign, era: campaign.era, atMs: nowMs });
  }

  /** The store refused the request of a claim. */
  refused(claim: ModelClaim): void {
    const place = this.claims.indexOf(claim);
    if (place >= 0) this.claims.splice(place, 1);
  }

  /** The store allowed the request of a claim: the moment at which the vendor dials, if it does. */
  allowed(claim: ModelClaim, number: string, reaches: boolean): ModelCall {
    this.refused(claim);
    const { nowMs } = this.clock;
    const { campaign, attemptId, contactId, owner } = claim;
    this.#expectAllowed(claim, number);
    this.#takePlaceInRate(claim);
    this.#expectCaps(claim, number);
    const others = this.calls.filter((call) => call.contactId === contactId);
    expect(
      others.map((call) => call.attemptId),
      'an attempt is posted twice',
    ).not.toContain(attemptId);
    expect(
      others.map(({ state }) => state),
      'the contact has a live call',
    ).not.toContain('posted');
    const ids = { attemptId, contactId, owner, campaign, number };
    const underWay = this.calls.filter((call) => call.number === number && this.#takesSlot(call));
    expect(underWay, 'the number is being called, or may be').toEqual([]);
    const call: ModelCall = { ...ids, reaches, atMs: nowMs, state: 'posting', counts: true };
    this.calls.push(call);
    return call;
  }

  /** The vendor certainly did not dial. */
  notSent(call: ModelCall): void {
    this.calls.splice(this.calls.indexOf(call), 1);
  }

  #expectAllowed({ campaign, era, atMs }: ModelClaim, number: string): void {
    const { nowMs } = this.clock;
    const { off, rules, campaignId } = campaign;
    const { consent, timeZones } = this.#contacts.get(`${campaignId} ${number}`)!;
    const regional = this.#regionalFor(campaign, number);
    expect(off, 'dialled by a campaign that must not').toBeUndefined();
    expect(era, 'dialled by rules, or before a pause, that are over').toBe(campaign.era);
    expect(nowMs - atMs, 'dialled after the lease').toBeLessThan(CLAIM_LEASE_MS);
    expect(this.#suppressed, 'dialled a number that is suppressed').not.toContain(number);
    if (rules.requireConsent) expect(consent).not.toBe('');
    if (rules.deadlineMs !== null) expect(nowMs).toBeLessThan(rules.deadlineMs);
    const closed = timeZones.filter((zone) => !isAllowed(rules, zone, nowMs));
    expect(closed, 'dialled outside the calling window').toEqual([]);
    const forbidding = regional.filter(
      (rule) => !timeZones.every((zone) => isAllowedByRegion(rule, rules.closeMarginMs, zone, nowMs)),
    );
    expect(forbidding, 'dialled outside the hours of a region').toEqual([]);
  }

  /** A claim has its place in the account's rate; one that is posted too late for it takes another. */
  #takePlaceInRate({ campaign, atMs }: ModelClaim): void {
    const { nowMs } = this.clock;
    if (nowMs - atMs <= CLAIM_HOLDS_RATE_MS) return;
    const account = this.#account(campaign);
    expect(nowMs, 'dialled above the calls per second').toBeGreaterThanOrEqual(account.nextCallAtMs);
    account.nextCallAtMs = nowMs + 1_000 / account.limits.callsPerSecond;
  }

  #expectCaps({ campaign, contactId }: ModelClaim, number: string): void {
    const { nowMs } = this.clock;
    const { rules } = campaign;
    const counted = this.calls.filter(({ counts }) => counts);
    const since = (spanMs: number) => counted.filter((call) => call.number === number && call.atMs > nowMs - spanMs);
    const caps = this.#regionalFor(campaign, number).map(({ maxCallsPer24h = Infinity }) => maxCallsPer24h);
    expect(since(DAY_MS).length, 'calls in 24 hours').toBeLessThan(Math.min(rules.maxCallsPer24h, ...caps));
    expect(since(7 * DAY_MS).length, 'calls in 7 days').toBeLessThan(rules.maxCallsPer7d);
    const attempts = counted.filter((call) => call.contactId === contactId);
    expect(attempts.length, 'attempts').toBeLessThan(rules.maxAttempts);
  }

  /** The rules of regions that concern a contact. */
  #regionalFor({ campaignId, rules: { regional } }: ModelCampaign, number: string): RegionalRule[] {
    // The numbers are British, of which the package has no rule.
    const { regions = ['GB'] } = this.#contacts.get(`${campaignId} ${number}`)!;
    const replaced = regional.own.map(({ region }) => region);
    const packaged = regional.packaged ? PACKAGED.rules.filter(({ region }) => !replaced.includes(region)) : [];
    return rulesFor(regions, [...packaged, ...regional.own]);
  }

  /** Claims and calls that take one of the account's calls at once. */
  #slotsTaken(account: string): number {
    const { nowMs } = this.clock;
    const claims = this.claims.filter((claim) => claim.campaign.account === account);
    const calls = this.calls.filter((call) => call.campaign.account === account && this.#takesSlot(call));
    return claims.filter(({ atMs }) => nowMs < atMs + CLAIM_LEASE_MS).length + calls.length;
  }

  #takesSlot({ state, atMs, postedAtMs = 0 }: ModelCall): boolean {
    const { nowMs } = this.clock;
    if (state === 'posted') return nowMs < postedAtMs + 5 * HOUR_MS;
    return state !== 'ended' && nowMs < atMs + 10 * MINUTE_MS;
  }

  #account({ account }: ModelCampaign): ModelAccount {
    const known = this.#accounts.get(account) ?? { limits: DEFAULT_ACCOUNT_LIMITS, nextCallAtMs: 0 };
    this.#accounts.set(account, known);
    return known;
  }

  #limit(campaign: ModelCampaign, limits: Partial<AccountLimits>): void {
    const account = this.#account(campaign);
    account.limits = { ...account.limits, ...limits };
  }

  #rule(campaign: ModelCampaign, input: unknown): void {
    const rules = parseCampaignRules(input, campaign.rules);
    if (JSON.stringify(rules) !== JSON.stringify(campaign.rules)) campaign.era += 1;
    campaign.rules = rules;
  }
}
