import type { AttemptState, CampaignState, ContactState } from '../contract/campaign.js';
import type { Disposition } from '../contract/disposition.js';

/** A campaign as the store has it. */
export interface Campaign {
  readonly campaignId: string;
  /** Absent for the worker's default account. */
  readonly account?: string | undefined;
  readonly state: CampaignState;
  readonly stateReason: string;
  readonly epoch: number;
  readonly rulesVersion: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A contact to import. */
export interface NewContact {
  /** E.164; spaces, hyphens, dots and parentheses are left out. A campaign has each number once. */
  readonly number: string;
  /** IANA names: where the number may be. It is called only when the windows are open in all of them. */
  readonly timeZones: readonly string[];
  /**
   * Where it is by ISO 3166, for the rules of regions: countries (`FR`) or parts of them (`US-FL`), all of whose rules hold.
   * @default where its number may be
   */
  readonly regions?: readonly string[] | undefined;
  /** What the contact consented to, in your words; empty for no consent. */
  readonly consent: string;
  /** Your own identifier. */
  readonly reference?: string | undefined;
  /** Passed to the agent as the call's metadata. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** A contact as the store has it. Times in ISO 8601. One that was erased has `erased:` and its ID in the place of its number. */
export interface Contact extends Required<NewContact> {
  readonly contactId: string;
  /** As they were given, or by its number. */
  readonly regions: readonly string[];
  readonly state: ContactState;
  /** Why it is in this state. */
  readonly reason: string;
  /** When it may be dialled next; of a waiting contact only. */
  readonly dueAt?: string | undefined;
}

/** A number that no campaign dials. */
export interface Suppression {
  /** Absent when it was erased: it goes on being suppressed. */
  readonly number?: string;
  readonly reason: string;
  readonly source: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A person whose data are to be erased: by either the number, or your own identifier, which stands for its numbers. */
export interface PersonToErase {
  /** E.164. */
  readonly number?: string | undefined;
  readonly reference?: string | undefined;
}

/** How much the store has about a person. */
export interface PersonalData {
  readonly campaigns: readonly { readonly campaignId: string; readonly contacts: number }[];
  /** Numbers on the suppression list. */
  readonly suppressions: number;
}

/** An attempt as the store has it. Times in ISO 8601. */
export interface Attempt {
  readonly attemptId: string;
  readonly contactId: string;
  /** From 1 for each contact. */
  readonly attempt: number;
  readonly state: AttemptState;
  readonly epoch: number;
  /** The version of the rules that allowed it. */
  readonly rulesVersion: number;
  readonly intendedAt: string;
  readonly postingAt?: string | undefined;
  readonly postedAt?: string | undefined;
  readonly endedAt?: string | undefined;
  readonly callSid?: string | undefined;
  readonly disposition?: Disposition | undefined;
  /** Who reported the disposition; absent when it is by the call's status and reason. */
  readonly dispositionSource?: string | undefined;
  readonly reason: string;
}
