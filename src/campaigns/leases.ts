import { DAY_MS, HOUR_MS } from '../contract/duration.js';
import { DEFAULT_DEADLINE_MS } from '../contract/monitor.js';

/** Time for the transaction that follows the claim. */
export const CLAIM_LEASE_MS = 30_000;

/** Longer than a request takes, its retry with a new token included. */
export const POSTING_LEASE_MS = 90_000;

/** How long a call that may have been placed takes one of the account's calls at once. */
export const AMBIGUOUS_CALL_MS = 10 * 60_000;

/** Longer than a monitor runs by default: after that a call whose end was never recorded takes no slot. */
export const LIVE_CALL_MS = DEFAULT_DEADLINE_MS + HOUR_MS;

/** The longest span in which a cap counts the calls to a number. */
export const LONGEST_CAP_MS = 7 * DAY_MS;

/** How long after its intent an attempt may matter to a cap: an intent becomes a call within its leases. */
export const REMEMBERED_MS = LONGEST_CAP_MS + CLAIM_LEASE_MS + POSTING_LEASE_MS;
