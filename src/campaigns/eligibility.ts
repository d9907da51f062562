import type { CampaignRules } from '../contract/campaign-rules.js';
import { DAY_MS } from '../contract/duration.js';
import type { RegionalRule } from '../contract/regional-rules.js';
import { type ContactHistory, historiesOf } from './contact-history.js';
import { LONGEST_CAP_MS } from './leases.js';
import { type ContactRow, placeOf } from './rows.js';
import type { ContactPlace } from './rules/calling-windows.js';
import type { RulesInForce, StoreTransaction } from './store-transaction.js';
import { SUPPRESSED } from './suppressions.js';

/** When a contact is looked at again whose number another campaign, or an earlier attempt, is calling. */
const UNDER_WAY_RETRY_MS = 60_000;

/** Why a contact must not be dialled now, and what becomes of it. */
export interface Ineligibility {
  readonly state: 'waiting' | 'suppressed' | 'blocked' | 'failed';
  readonly reason: string;
  /** When a waiting contact is due again, epoch milliseconds; absent of the others. */
  readonly dueAt?: number;
}

/**
 * Whether a contact may be dialled now: `undefined` if it may. What costs no query comes first.
 *
 * @param except the attempt that is about to dial it
 */
export async function checkEligibility(
  transaction: StoreTransaction,
  contact: ContactRow,
  { inForce, except }: { readonly inForce: RulesInForce; readonly except?: string | undefined },
): Promise<Ineligibility | undefined> {
  const { nowMs } = transaction;
  const callee = calleeOf(contact);
  const ineligibility = checkEligibilityByRules(callee, inForce, nowMs);
  if (ineligibility) return ineligibility;
  const [history] = await historiesOf(transaction, [contact], { except });
  return checkEligibilityByHistory(history!, { callee, inForce, nowMs });
}

/** What the rules ask of a contact's row. */
export interface Callee {
  readonly hasConsent: boolean;
  readonly place: ContactPlace;
}

export function calleeOf(contact: Pick<ContactRow, 'consent' | 'time_zones' | 'regions'>): Callee {
  return { hasConsent: contact.consent !== '', place: placeOf(contact) };
}

/** The part of `checkEligibility` that needs the contact's row alone. */
export function checkEligibilityByRules(
  { hasConsent, place }: Callee,
  { rules, windows }: RulesInForce,
  nowMs: number,
): Ineligibility | undefined {
  if (rules.requireConsent && !hasConsent) return { state: 'blocked', reason: 'no consent' };
  const answer = windows.at(place, nowMs);
  if (answer.kind === 'never') return { state: 'blocked', reason: answer.reason };
  if (answer.kind === 'open') return undefined;
  return {
    state: 'waiting',
    reason: `the calling window${ofRegions(answer.regions)} is closed`,
    dueAt: answer.opensAt,
  };
}

interface HistoryContext {
  readonly callee: Callee;
  readonly inForce: RulesInForce;
  readonly nowMs: number;
}

/**
 * The part that needs the contact's history. Unless a call is made meanwhile, it says the same of a waiting contact until that one is
 * due, and of any other for ever.
 */
export function checkEligibilityByHistory(
  { isSuppressed, attempts, calls }: ContactHistory,
  { callee, inForce: { rules, regional }, nowMs }: HistoryContext,
): Ineligibility | undefined {
  if (isSuppressed) return { state: 'suppressed', reason: SUPPRESSED };
  // The rules may allow fewer than when the contact was last called.
  if (attempts >= rules.maxAttempts) return { state: 'failed', reason: 'no attempt is left' };
  if (calls.underWayUntil > nowMs) {
    return { state: 'waiting', reason: 'the number is being called', dueAt: nowMs + UNDER_WAY_RETRY_MS };
  }
  const { freeAt, reason } = freeAgain(calls.dialledAt, capsFor(rules, regional.of(callee.place.regions)), nowMs);
  return freeAt <= nowMs ? undefined : { state: 'waiting', reason, dueAt: freeAt };
}

function ofRegions(regions: readonly string[]): string {
  return regions.length > 0 ? ` of ${regions.join(', ')}` : '';
}

/** The caps on calls to a contact's number. */
interface Caps {
  readonly maxCallsPer24h: number;
  readonly maxCallsPer7d: number;
  /** Whose rules have the lower cap of 24 hours, if it is not the campaign's. */
  readonly regions: readonly string[];
}

/** Pure: the caps of a campaign and of a contact's regions, of which the lowest holds. */
function capsFor(
  { maxCallsPer24h, maxCallsPer7d }: Pick<CampaignRules, 'maxCallsPer24h' | 'maxCallsPer7d'>,
  regional: readonly RegionalRule[],
): Caps {
  const lowest = Math.min(maxCallsPer24h, ...regional.map((rule) => rule.maxCallsPer24h ?? Infinity));
  const binding = lowest < maxCallsPer24h ? regional.filter((rule) => rule.maxCallsPer24h === lowest) : [];
  return { maxCallsPer24h: lowest, maxCallsPer7d, regions: binding.map(({ region }) => region) };
}

/** When the caps allow one more call to a number, and what says so; now if they do already. Pure. */
function freeAgain(
  calls: readonly number[],
  caps: Caps,
  nowMs: number,
): { readonly freeAt: number; readonly reason: string } {
  const byDay = freeAgainAt(calls, { max: caps.maxCallsPer24h, spanMs: DAY_MS, nowMs });
  const byWeek = freeAgainAt(calls, { max: caps.maxCallsPer7d, spanMs: LONGEST_CAP_MS, nowMs });
  const regions = byWeek < byDay ? caps.regions : [];
  return { freeAt: Math.max(byDay, byWeek), reason: `the cap${ofRegions(regions)} on calls to the number` };
}

interface Cap {
  readonly max: number;
  readonly spanMs: number;
  readonly nowMs: number;
}

/** When one more call leaves at most `max` in every span; now if it does already. Pure. */
export function freeAgainAt(calls: readonly number[], { max, spanMs, nowMs }: Cap): number {
  const within = calls.filter((at) => at > nowMs - spanMs);
  return within.length < max ? nowMs : within[within.length - max]! + spanMs;
}
