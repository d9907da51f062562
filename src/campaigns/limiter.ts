import { type AccountLimits, DEFAULT_ACCOUNT_LIMITS } from '../contract/campaign.js';
import { ACCOUNTS, ATTEMPTS } from './database/schema.js';
import type { SqlTransaction } from './database/sql.js';
import type { StoreTransaction } from './store-transaction.js';

/** When a claim is tried again that found all calls at once taken. */
const BUSY_RETRY_MS = 1_000;
/** How long after a claim its request still belongs to the moment of the claim. */
const CLAIM_HOLDS_RATE_MS = 2_000;
/** How long dialling pauses when PolyAI has queued a call for too long. */
const VENDOR_QUEUE_PAUSE_MS = 30_000;

export interface AccountRow {
  readonly calls_at_once: number;
  readonly calls_per_second: number;
  readonly next_call_at: number;
  readonly refusals: number;
  /** The virtual time of the account, see `fair-share.ts`. */
  readonly turn: number;
}

/** The limiter of an account; created with the default limits. */
export async function accountRow(tx: SqlTransaction, account: string): Promise<AccountRow> {
  const { callsAtOnce, callsPerSecond } = DEFAULT_ACCOUNT_LIMITS;
  await tx.run(
    `INSERT INTO ${ACCOUNTS} (account, calls_at_once, calls_per_second, next_call_at, refusals)
     VALUES ($1, $2, $3, 0, 0) ON CONFLICT (account) DO NOTHING`,
    [account, callsAtOnce, callsPerSecond],
  );
  const [row] = await tx.rows<AccountRow>(`SELECT * FROM ${ACCOUNTS} WHERE account = $1`, [account]);
  return row!;
}

/** The limits of an account; the default ones if none were set. */
export async function readLimits(tx: SqlTransaction, account: string): Promise<AccountLimits> {
  const [row] = await tx.rows<AccountRow>(`SELECT * FROM ${ACCOUNTS} WHERE account = $1`, [account]);
  return row ? limitsOf(row) : DEFAULT_ACCOUNT_LIMITS;
}

function limitsOf({ calls_at_once: callsAtOnce, calls_per_second: callsPerSecond }: AccountRow): AccountLimits {
  return { callsAtOnce, callsPerSecond };
}

export async function changeLimits(tx: SqlTransaction, account: string, wanted: Partial<AccountLimits>): Promise<void> {
  const { callsAtOnce, callsPerSecond } = limitsAfter(limitsOf(await accountRow(tx, account)), wanted);
  await tx.run(`UPDATE ${ACCOUNTS} SET calls_at_once = $2, calls_per_second = $3 WHERE account = $1`, [
    account,
    callsAtOnce,
    callsPerSecond,
  ]);
}

/** Limits after a change. One that is not given stays as it is. */
export function limitsAfter(before: AccountLimits, wanted: Partial<AccountLimits>): AccountLimits {
  return {
    callsAtOnce: wanted.callsAtOnce ?? before.callsAtOnce,
    callsPerSecond: wanted.callsPerSecond ?? before.callsPerSecond,
  };
}

/** Why the account cannot dial now, and when to claim again. */
export interface DialDelay {
  readonly reason: string;
  readonly untilMs: number;
}

/** Why the account allows no call now. What is under way is read from the attempts, so that no slot can leak. */
export async function limitReached(
  { tx, nowMs }: StoreTransaction,
  account: string,
  { calls_at_once: callsAtOnce, next_call_at: nextCallAt }: AccountRow,
): Promise<DialDelay | undefined> {
  if (nextCallAt > nowMs) return { reason: 'calls per second', untilMs: Math.ceil(nextCallAt) };
  const [slots] = await tx.rows<{ readonly taken: number }>(
    `SELECT count(*) AS taken FROM ${ATTEMPTS} WHERE account = $1 AND slot_until > $2`,
    [account, nowMs],
  );
  return slots!.taken < callsAtOnce ? undefined : { reason: 'calls at once', untilMs: nowMs + BUSY_RETRY_MS };
}

/** Spaces the calls evenly: the next one is due a whole interval after this one, whatever was saved up. */
export async function countCall(
  { tx, nowMs }: StoreTransaction,
  account: string,
  { calls_per_second: callsPerSecond, turn }: AccountRow,
): Promise<void> {
  await tx.run(`UPDATE ${ACCOUNTS} SET next_call_at = $2, turn = $3 WHERE account = $1`, [
    account,
    nowMs + 1_000 / callsPerSecond,
    turn,
  ]);
}

/**
 * A claim has its place in the account's rate. One that comes late to its request needs another: or else a worker that was
 * stopped for a moment would send all its claims in one burst.
 *
 * @returns whether there is one now
 */
export async function keepRate(transaction: StoreTransaction, { account, claimedAtMs }: LateClaim): Promise<boolean> {
  if (transaction.nowMs - claimedAtMs <= CLAIM_HOLDS_RATE_MS) return true;
  const row = await accountRow(transaction.tx, account);
  if (row.next_call_at > transaction.nowMs) return false;
  await countCall(transaction, account, row);
  return true;
}

interface LateClaim {
  readonly account: string;
  readonly claimedAtMs: number;
}

/** PolyAI accepted a call: it can be reached. */
export async function recordAccepted({ tx }: StoreTransaction, account: string): Promise<void> {
  await tx.run(`UPDATE ${ACCOUNTS} SET refusals = 0 WHERE account = $1 AND refusals > 0`, [account]);
}

/**
 * PolyAI could not be reached, or asked for fewer calls: all calls of the account wait, longer each time. Requests that were on
 * their way together count as one.
 */
export async function recordRefused({ tx, nowMs }: StoreTransaction, account: string, retryAfterMs = 0): Promise<void> {
  const { refusals, next_call_at: nextCallAt, calls_per_second: callsPerSecond } = await accountRow(tx, account);
  if (refusals > 0 && nextCallAt > nowMs + 1_000 / callsPerSecond) {
    return await postpone(tx, account, nowMs + retryAfterMs);
  }
  const delayMs = Math.max(refusalDelayMs(refusals + 1), retryAfterMs);
  await postpone(tx, account, nowMs + delayMs);
  await tx.run(`UPDATE ${ACCOUNTS} SET refusals = refusals + 1 WHERE account = $1`, [account]);
}

/** How long an account's calls wait after so many refusals in a row by a vendor that cannot be reached or is overloaded. */
export function refusalDelayMs(refusals: number): number {
  return Math.min(5_000 * 2 ** Math.min(refusals - 1, 10), 5 * 60_000);
}

/** PolyAI queued a call for too long: it has more calls than it can place. */
export async function recordVendorQueue({ tx, nowMs }: StoreTransaction, account: string): Promise<void> {
  await postpone(tx, account, nowMs + VENDOR_QUEUE_PAUSE_MS);
}

async function postpone(tx: SqlTransaction, account: string, untilMs: number): Promise<void> {
  await tx.run(`UPDATE ${ACCOUNTS} SET next_call_at = $2 WHERE account = $1 AND next_call_at < $2`, [account, untilMs]);
}
