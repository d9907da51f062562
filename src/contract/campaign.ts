import type { CampaignRules, CampaignRulesInput } from './campaign-rules.js';
import type { Disposition } from './disposition.js';
import type { RegionalRulesInForce } from './regional-rules.js';

/**
 * - `draft`: contacts can be imported, nothing is dialled;
 * - `running`; `paused`: no call is dialled, calls under way go on;
 * - `completed`: no contact is left to be dialled, or the deadline has passed; `cancelled`: for good.
 */
export type CampaignState = 'draft' | 'running' | 'paused' | 'completed' | 'cancelled';

/**
 * - `waiting`: to be dialled when it is due; `dialling`: an attempt is under way;
 * - `done`: a call ended in `success`; `failed`: no attempt is left, or the number cannot be called;
 * - `ambiguous`: the last attempt may have dialled or not; it is not dialled again unless somebody says so;
 * - `suppressed`: the number is on the suppression list; `blocked`: the rules never allow a call;
 * - `erased`: the person's data were erased.
 */
export type ContactState =
  'waiting' | 'dialling' | 'done' | 'failed' | 'ambiguous' | 'suppressed' | 'blocked' | 'erased';

export const CONTACT_STATES: readonly ContactState[] = [
  'waiting',
  'dialling',
  'done',
  'failed',
  'ambiguous',
  'suppressed',
  'blocked',
  'erased',
];

/**
 * - `intended`: claimed, before the request; `posting`: the request may be on its way;
 * - `posted`: PolyAI accepted the call; `ended`: the call, or its monitor, has ended;
 * - `not_sent`: PolyAI certainly did not dial; `ambiguous`: nobody knows.
 */
export type AttemptState = 'intended' | 'posting' | 'posted' | 'ended' | 'not_sent' | 'ambiguous';

export const ATTEMPT_STATES: readonly AttemptState[] = [
  'intended',
  'posting',
  'posted',
  'ended',
  'not_sent',
  'ambiguous',
];

/** States of an attempt that has not ended: a call under way, or about to be one. */
export const OPEN_ATTEMPT_STATES = ['intended', 'posting', 'posted'] as const satisfies readonly AttemptState[];

/** What bounds the calls of an account, over all its campaigns. */
export interface AccountLimits {
  /**
   * Calls under way at once.
   * @default 5
   */
  readonly callsAtOnce: number;
  /**
   * Calls dialled in a second; may be below 1.
   * @default 1
   */
  readonly callsPerSecond: number;
}

/** A change to a campaign. */
export type CampaignChange =
  | {
      readonly kind: 'start';
      readonly rules?: CampaignRulesInput | undefined;
      readonly limits?: Partial<AccountLimits> | undefined;
    }
  | { readonly kind: 'pause'; readonly reason?: string | undefined }
  | {
      readonly kind: 'resume';
      /** Goes on although the database is an older copy, whose calls since may be made again. */
      readonly acceptRestored?: boolean | undefined;
    }
  | { readonly kind: 'cancel'; readonly reason?: string | undefined }
  | { readonly kind: 'rules'; readonly rules: CampaignRulesInput }
  | { readonly kind: 'limits'; readonly limits: Partial<AccountLimits> }
  /** Ambiguous contacts are to be dialled again, on the word of a person. */
  | { readonly kind: 'retryAmbiguous' }
  | ({ readonly kind: 'retryFailed' } & RetryFailedOptions);

/** Which failed contacts are to be dialled again. Their attempts are counted anew. */
export interface RetryFailedOptions {
  /**
   * Those whose last call ended so.
   * @default all
   */
  readonly dispositions?: readonly Disposition[] | undefined;
}

/** A problem with an attempt, without the number. */
export interface AttemptProblem {
  readonly attemptId: string;
  readonly contactId: string;
  readonly state: AttemptState;
  readonly reason: string;
  readonly at: string;
}

/** What the database says about a campaign. Times in ISO 8601 UTC. */
export interface CampaignProgress {
  readonly campaignId: string;
  /** Absent for the worker's default account. */
  readonly account?: string | undefined;
  readonly state: CampaignState;
  /** Why it is in this state, if somebody or a rule said so. */
  readonly stateReason?: string | undefined;
  /** Grows with each pause, resumption and cancellation. An attempt of an earlier epoch is not dialled. */
  readonly epoch: number;
  readonly rulesVersion: number;
  readonly limits: AccountLimits;
  readonly contacts: Readonly<Record<ContactState, number>>;
  readonly attempts: Readonly<Record<AttemptState, number>>;
  /** Attempts that ended, by disposition. */
  readonly dispositions: Partial<Readonly<Record<Disposition, number>>>;
  /**
   * Contacts settled in the last hour by an attempt, by erasure or because no attempt is left. Those that the suppression list
   * or other rules took out do not count.
   */
  readonly settledLastHour: number;
  /**
   * Estimated end: the remaining contacts divided by the rate since the later of one hour ago and the last start or resumption,
   * counted from when the next contact is due. Ignores calling windows after that. Absent without a rate, and while the campaign
   * does not run.
   */
  readonly estimatedEndAt?: string | undefined;
  /** When the next contact is due. */
  readonly nextDueAt?: string | undefined;
  /** The latest five. */
  readonly lastProblems: readonly AttemptProblem[];
  /** Grows with each call, opt-out and change. A database that has a lower one than before is an older copy. */
  readonly sequence: number;
  /** Of the database that the campaign is in. A random one for each database; its copies have the same. */
  readonly databaseId: string;
  /** When the database was read. */
  readonly readAt: string;
}

/** The highest `lanes` of a campaign. */
export const MAX_LANES = 10;

/** Input of the workflow `runCallCampaign`. Only `campaignId` is needed. */
export interface RunCallCampaignInput {
  readonly campaignId: string;
  readonly rules?: CampaignRulesInput | undefined;
  readonly limits?: Partial<AccountLimits> | undefined;
  /**
   * How many activities dial in parallel, on as many workers. One is enough for dozens of calls a second; more let the
   * campaign go on at once when a worker is lost. 1 to 10.
   * @default 1
   */
  readonly lanes?: number | undefined;
}

/** Input of the activity `triggerCall`: the phone number stays in the database. */
export interface TriggerCallInput {
  readonly campaignId: string;
  readonly contactId: string;
  /** Which attempt on the contact, from 1. One attempt dials at most once, however often it is asked for. */
  readonly attempt: number;
}

/** Result of the activity `triggerCall`. */
export type TriggerCallResult =
  | { readonly kind: 'posted'; readonly attemptId: string; readonly callSid: string }
  /** It may have dialled, or not. */
  | { readonly kind: 'ambiguous'; readonly attemptId: string; readonly reason: string }
  /** It certainly has not. `retryAt`: when the contact is due again, if it is. */
  | { readonly kind: 'not-dialled'; readonly reason: string; readonly retryAt?: string | undefined };

/** What is known of the database of a campaign, from its progress. */
export interface KnownDatabase {
  readonly campaignId: string;
  /** Another database is refused. */
  readonly databaseId?: string | undefined;
  /** How far it has come. */
  readonly sequence?: number | undefined;
}

/** Input of the activity `dialContacts`. */
export interface DialContactsInput extends KnownDatabase {
  /** How long the activity goes on, in milliseconds. */
  readonly forMs: number;
}

/** Input of the activity `changeCampaign`. */
export interface ChangeCampaignInput extends KnownDatabase {
  /** A change with the same ID is made once. */
  readonly changeId: string;
  readonly change: CampaignChange;
}

export const CAMPAIGN_ID_FORMAT = '1 to 64 letters, digits, "-", "_" and "."';

/** Whether a value can name a campaign. */
export function isCampaignId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value);
}

export const DEFAULT_ACCOUNT_LIMITS: AccountLimits = { callsAtOnce: 5, callsPerSecond: 1 };

/** @throws {TypeError} naming the limit and what it must be */
export function checkAccountLimits(limits: unknown): asserts limits is Partial<AccountLimits> {
  if (typeof limits !== 'object' || limits === null) throw new TypeError('limits must be an object');
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    if (name !== 'callsAtOnce' && name !== 'callsPerSecond') {
      throw new TypeError(`${name} is not a limit; known are callsAtOnce, callsPerSecond`);
    }
    if (value == null) continue;
    if (name === 'callsAtOnce') {
      if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 100_000) continue;
      throw new TypeError('callsAtOnce must be a whole number from 1 to 100000');
    }
    if (typeof value === 'number' && value > 0 && value <= 1_000) continue;
    throw new TypeError('callsPerSecond must be a number above 0, up to 1000');
  }
}

/** How many contacts a campaign has, and how many of them are neither waiting nor being called. */
export function countContacts({ contacts }: Pick<CampaignProgress, 'contacts'>): {
  readonly total: number;
  readonly settled: number;
} {
  const total = Object.values(contacts).reduce((sum, amount) => sum + amount, 0);
  return { total, settled: total - contacts.waiting - contacts.dialling };
}

/** How many attempts have not ended. */
export function countOpenAttempts({ attempts }: Pick<CampaignProgress, 'attempts'>): number {
  return OPEN_ATTEMPT_STATES.reduce((sum, state) => sum + attempts[state], 0);
}

/** Whether nothing will be dialled any more. */
export function isCampaignOver({ state }: { readonly state: CampaignState }): boolean {
  return state === 'completed' || state === 'cancelled';
}

/** The rules of a campaign in one version. */
export interface VersionedRules {
  readonly version: number;
  readonly rules: CampaignRules;
  readonly regional: RegionalRulesInForce;
}
