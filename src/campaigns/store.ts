import type { TerminalStatus } from '../contract/call.js';
import type {
  AttemptState,
  CampaignProgress,
  CampaignState,
  ChangeCampaignInput,
  ContactState,
  VersionedRules,
} from '../contract/campaign.js';
import type { Disposition } from '../contract/campaign-rules.js';

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
  /** What the contact consented to, in your words; empty for no consent. */
  readonly consent: string;
  /** Your own identifier. */
  readonly reference?: string | undefined;
  /** Passed to the agent as the call's metadata. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** A contact as the store has it. Times in ISO 8601. */
export interface Contact extends Required<NewContact> {
  readonly contactId: string;
  readonly state: ContactState;
  /** Why it is in this state. */
  readonly reason: string;
  /** When it may be dialled next; of a waiting contact only. */
  readonly dueAt?: string | undefined;
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
  readonly reason: string;
}

export interface ClaimRequest {
  readonly campaignId: string;
  /** Who claims, different for each claim. */
  readonly owner: string;
  /** Claims this attempt on this contact instead of whoever is due. */
  readonly only?: { readonly contactId: string; readonly attempt: number } | undefined;
}

/** The right to dial one contact, for as long as the lease lasts. */
export interface Claim {
  readonly attemptId: string;
  readonly contactId: string;
  readonly attempt: number;
  readonly owner: string;
}

export type ClaimAnswer =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  /** The attempt exists already; of a claim with `only`. */
  | { readonly kind: 'existing'; readonly attempt: Attempt }
  /**
   * Nobody may be dialled now. When to ask again at the earliest: `untilMs` in epoch milliseconds by the database's clock,
   * `waitMs` from now on.
   */
  | { readonly kind: 'wait'; readonly reason: string; readonly untilMs: number; readonly waitMs: number }
  /** Nobody is waiting, or the campaign does not run. */
  | { readonly kind: 'none'; readonly reason: string };

/** What to dial, or why not. */
export type PostingAnswer =
  | {
      readonly kind: 'post';
      readonly account: string | undefined;
      readonly number: string;
      readonly variables: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** A call under way whose monitor is to be started, or looked after. */
export interface UncheckedCall {
  readonly attemptId: string;
  readonly contactId: string;
  readonly callSid: string;
  readonly account: string | undefined;
}

/** What a campaign needs now. */
export interface Upkeep {
  readonly state: CampaignState;
  /** Attempts under way. */
  readonly underWay: number;
  /** How long until the next waiting contact is due, in milliseconds; not above 0 when it is. */
  readonly nextDueInMs: number | undefined;
  readonly unchecked: readonly UncheckedCall[];
}

export interface NotSent {
  readonly attemptId: string;
  readonly owner: string;
  readonly reason: string;
  /**
   * - `again`: the vendor cannot be reached, or is overloaded: all calls of the account wait;
   * - `invalid-contact`: the vendor rejects this number;
   * - `stop`: every call would be rejected: the campaign is paused.
   */
  readonly then: 'again' | 'invalid-contact' | 'stop';
  readonly retryAfterMs?: number | undefined;
}

/** What became of adding contacts. */
export interface AddedContacts {
  readonly added: number;
  /** The number was there: its other columns are replaced, its state is not. */
  readonly updated: number;
}

/**
 * The truth about campaigns: contacts, attempts, rules, limits and suppressions. Every decision to dial is one transaction, by
 * the database's clock. Phone numbers are here and nowhere else.
 */
export interface CampaignStore {
  /**
   * Creates a draft, or finds the campaign with this ID.
   *
   * @throws {CampaignError} when it exists with another account
   */
  create(campaign: { readonly campaignId: string; readonly account?: string | undefined }): Promise<Campaign>;
  find(campaignId: string): Promise<Campaign | undefined>;
  list(): Promise<readonly Campaign[]>;
  /**
   * Adds contacts to the queue, all or none. Idempotent by number.
   *
   * @throws {CampaignError} `invalid-number` for a number that is not E.164; it names the contact by its index
   */
  addContacts(campaignId: string, contacts: readonly NewContact[]): Promise<AddedContacts>;
  /**
   * Changes a campaign; once for each change ID.
   *
   * @throws {CampaignError} for a change that the campaign's state does not allow
   * @throws {CampaignRulesError | TypeError} for invalid rules or limits
   */
  change(input: ChangeCampaignInput): Promise<Campaign>;
  /** The rules in force. */
  rules(campaignId: string): Promise<VersionedRules>;
  /**
   * From now on no campaign dials the number, also one that has just been claimed.
   *
   * @throws {CampaignError} `invalid-number` for a number that is not E.164
   */
  suppress(number: string, why: { readonly reason: string; readonly source: string }): Promise<void>;
  /**
   * Claims a contact that is due. Windows, suppressions, consent, caps, limits and the campaign's state are checked in the
   * transaction that writes the intent.
   */
  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  /** Before the request is sent, and once for each claim: checks again what may have changed since. */
  beginPosting(claim: Pick<Claim, 'attemptId' | 'owner'>): Promise<PostingAnswer>;
  /** PolyAI accepted the call. Also after the attempt was taken for ambiguous. */
  recordPosted(posted: { readonly attemptId: string; readonly callSid: string }): Promise<void>;
  recordAmbiguous(ambiguous: {
    readonly attemptId: string;
    readonly owner: string;
    readonly reason: string;
  }): Promise<void>;
  recordNotSent(notSent: NotSent): Promise<void>;
  /** The call's monitor runs: look again later. */
  recordMonitored(attemptId: string): Promise<void>;
  /** The call has ended; without a status if its monitor ended without one. */
  recordEnded(ended: {
    readonly attemptId: string;
    readonly status?: TerminalStatus | undefined;
    readonly reason: string;
  }): Promise<void>;
  /**
   * Ends attempts whose lease has expired or whose outcome is in the outcome store, applies the stop rule and the deadline, and
   * says what is left to do.
   */
  upkeep(campaignId: string): Promise<Upkeep>;
  progress(campaignId: string): Promise<CampaignProgress>;
  /** In the order of their numbers. */
  contacts(campaignId: string): AsyncIterable<Contact>;
  /** By contact, oldest first. */
  attempts(campaignId: string): AsyncIterable<Attempt>;
}

/** A campaign store with a connection, see `openCampaignStore`. */
export interface OpenCampaignStore extends CampaignStore {
  /** Closes the connection after pending transactions. */
  close(): Promise<void>;
}

/** Something that a campaign, in its state, does not allow. */
export class CampaignError extends Error {
  override readonly name = 'CampaignError';

  constructor(
    message: string,
    readonly code: 'not-found' | 'wrong-state' | 'wrong-account' | 'invalid-number',
  ) {
    super(message);
  }
}
