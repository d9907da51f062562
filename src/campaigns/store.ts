import type { TerminalStatus } from '../contract/call.js';
import type {
  CampaignProgress,
  CampaignState,
  ChangeCampaignInput,
  KnownDatabase,
  VersionedRules,
} from '../contract/campaign.js';
import type {
  DispositionReport,
  RecordedDisposition,
  StoredDispositionReport,
} from '../contract/disposition-report.js';
import type { AttemptOutsideDatabase, ReconciledAttempts } from '../contract/reconciliation.js';
import type { CampaignPlan, PlanOptions } from './plan/campaign-plan.js';
import type { Attempt, Campaign, Contact, NewContact, PersonToErase, PersonalData, Suppression } from './records.js';

export type { CampaignError } from './errors.js';

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
  /** A change that concerns many contacts is made in several transactions: the next `upkeep` goes on with it. */
  readonly isRequeueing: boolean;
  /** How far the database had come, see `CampaignStore.requireDatabase`. */
  readonly sequence: number;
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
   * Adds contacts to the queue. Idempotent by number. When one of them is invalid, none is added; but they are added some
   * hundreds at a time, so that calls go on, and an error of the database may leave a part: add them again.
   *
   * @throws {CampaignError} `invalid-number` for a number that is not E.164; it names the contact by its index
   * @throws {TypeError} naming a contact by its index, and a field of it that has another type
   */
  addContacts(campaignId: string, contacts: readonly NewContact[]): Promise<AddedContacts>;
  /**
   * Changes a campaign; once for each change ID.
   *
   * @throws {CampaignError} for a change that the campaign's state does not allow
   * @throws {CampaignRulesError | TypeError} for invalid rules or limits
   */
  change(input: ChangeCampaignInput): Promise<Campaign>;
  /**
   * Compares the database with the one that a workflow last saw. If its sequence is lower, it was restored from an older copy:
   * calls, opt-outs and changes made since are missing, and the next transaction pauses all its campaigns until each is resumed
   * with `acceptRestored`. Sequences that this store has read itself are compared automatically.
   *
   * @throws {CampaignError} `other-database` when it is none of its copies; it stays as it is
   */
  requireDatabase(known: KnownDatabase): Promise<void>;
  /** The rules in force. */
  rules(campaignId: string): Promise<VersionedRules>;
  /**
   * From now on no campaign dials the number, or numbers, also one that has just been claimed. Idempotent. When one of several is
   * invalid, none is suppressed; but they are suppressed some hundreds at a time, so that calls go on, and an error of the
   * database may leave a part: suppress them again.
   *
   * @throws {CampaignError} `invalid-number` for a number that is not E.164; it names one of several by its index
   */
  suppress(
    numbers: string | readonly string[],
    why: { readonly reason: string; readonly source: string },
  ): Promise<void>;
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
   * Takes the disposition of an attempt from somebody who knows more than the API says. The latest report holds: while the call
   * is under way it decides what comes next, after that it corrects that, and an opt-out is effective at once in all campaigns.
   * It also ends an ambiguous attempt. All reports are kept, see `dispositionReports`.
   *
   * @throws {CampaignError} `not-found` when there is no such attempt, `wrong-state` when the campaign's rules cannot be read
   * @throws {TypeError} naming a field of the report that is invalid
   */
  recordDisposition(report: DispositionReport): Promise<RecordedDisposition>;
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
  /** Every report that was recorded, by attempt, oldest first. */
  dispositionReports(campaignId: string): AsyncIterable<StoredDispositionReport>;
}

/** A campaign store with a connection, see `openCampaignStore`. */
export interface OpenCampaignStore extends CampaignStore {
  /**
   * Who would be dialled when, and why somebody would not be: by the rules that claims go by, and writes nothing. Needs some
   * hundred bytes of memory for each contact.
   *
   * @throws {CampaignRulesError | TypeError} for invalid rules or limits
   */
  plan(campaignId: string, options?: PlanOptions): Promise<CampaignPlan>;
  /** All of them, also those whose number was erased. */
  suppressions(): AsyncIterable<Suppression>;
  /**
   * What `erase` would erase. Writes nothing.
   *
   * @throws {CampaignError} as `erase` does, but for a call under way
   */
  personalData(person: PersonToErase): Promise<PersonalData>;
  /**
   * Erases a person's number, reference, consent, time zones, variables, and all free text about the calls, in all campaigns. That
   * there were calls, when, and how they ended stays. A number that is suppressed stays suppressed, and the caps go on
   * counting its calls, by a keyed hash. Copies of the database and Temporal's histories are not touched.
   *
   * @returns what was erased
   * @throws {CampaignError} `invalid-number`; `wrong-state` while the person is, or may be, in a call, and for a reference of many
   *   numbers
   */
  erase(person: PersonToErase): Promise<PersonalData>;
  /**
   * Records attempts that a database which was restored from a copy does not have: those with a call as calls under way, whose
   * outcome is then looked up, the others as ambiguous. Their contacts are not dialled until that is known. Idempotent.
   *
   * @throws {CampaignError} `wrong-state` while the campaign is running
   */
  reconcile(campaignId: string, attempts: readonly AttemptOutsideDatabase[]): Promise<ReconciledAttempts>;
  /** Closes the connection after pending transactions. */
  close(): Promise<void>;
}
