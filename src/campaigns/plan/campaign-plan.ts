import type { AccountLimits, CampaignState, ContactState } from '../../contract/campaign.js';
import type { CampaignRules, CampaignRulesInput } from '../../contract/campaign-rules.js';

/** How to plan a campaign. Every field is optional. */
export interface PlanOptions {
  /** Rules to try: one that is not given stays as it is. */
  readonly rules?: CampaignRulesInput | undefined;
  /** Limits to try. */
  readonly limits?: Partial<AccountLimits> | undefined;
  /**
   * How long a call takes, in milliseconds.
   * @default the mean of the campaign's last 500 calls, or one minute
   */
  readonly callLengthMs?: number | undefined;
  /**
   * How far the plan looks ahead, in milliseconds.
   * @default 14 days
   */
  readonly horizonMs?: number | undefined;
  /** Rejects with its reason when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Called some times a second. */
  readonly onProgress?: ((progress: PlanProgress) => void) | undefined;
}

/** How far a plan is. */
export interface PlanProgress {
  /** Contacts that have been read. */
  readonly contacts: number;
  /** Up to when the calls have been planned, ISO 8601; absent while contacts are read. */
  readonly upTo?: string | undefined;
}

/** What becomes of a contact, if nothing changes: `dial` at a time, `later` than the plan looks ahead, or `never`. */
export interface PlannedContact {
  readonly contactId: string;
  readonly reference: string;
  /** As it is now. */
  readonly state: ContactState;
  readonly plan: 'dial' | 'later' | 'never';
  /** When it is dialled, ISO 8601; of `dial` only. */
  readonly at?: string | undefined;
  /** Why it is dialled later or never; empty if nothing holds it up. Without the number. */
  readonly reason: string;
}

/** Who of a campaign would be dialled when: the next attempt on each contact, if the account has no other campaign. */
export interface CampaignPlan {
  readonly campaignId: string;
  /** As it is now. Only a running campaign dials. */
  readonly state: CampaignState;
  readonly rules: CampaignRules;
  /** Of the packaged rules of regions that are in force; `null` if they are not. */
  readonly regionalEdition: string | null;
  readonly limits: AccountLimits;
  readonly callLengthMs: number;
  /** What the limits and the length of a call allow. */
  readonly callsPerMinute: number;
  /** ISO 8601, by the database's clock. */
  readonly from: string;
  readonly until: string;
  /** How many contacts are dialled, or not. */
  readonly dial: number;
  readonly later: number;
  readonly never: number;
  /** Contacts that are dialled, by the hour (UTC) in which they are. */
  readonly hours: readonly { readonly from: string; readonly calls: number }[];
  /** Contacts that are dialled, by what holds them up; without those that nothing does. */
  readonly delays: Readonly<Record<string, number>>;
  /** Contacts that are not dialled, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /**
   * All contacts, in the order in which they are dialled; then those that are dialled later, and those that are not. Their
   * references are read page by page, as long as the store is open.
   */
  readonly contacts: AsyncIterable<PlannedContact>;
}
