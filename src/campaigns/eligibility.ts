import { type ContactRow, zonesOf } from './rows.js';
import { ATTEMPTS, CONTACTS, SUPPRESSIONS } from './schema.js';
import type { SqlTransaction } from './sql.js';
import type { RulesInForce, Step } from './step.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** An intent becomes a call within its leases. */
const INTENT_MS = 2 * 60_000;

/** The reason on a contact, which leaves the database; that of the suppression is free text and does not. */
export const SUPPRESSED = 'on the suppression list';

/** Why a contact must not be dialled now, and what becomes of it. */
export interface Verdict {
  readonly state: 'waiting' | 'suppressed' | 'blocked' | 'failed';
  readonly reason: string;
  /** When a waiting contact is due again, epoch milliseconds. */
  readonly dueAt: number;
}

/** Whether a contact may be dialled now: `undefined` if it may. What costs no query comes first. */
export async function judge(
  { tx, nowMs }: Step,
  contact: ContactRow,
  { rules, windows }: RulesInForce,
): Promise<Verdict | undefined> {
  const { due_at: dueAt, number } = contact;
  if (rules.requireConsent && contact.consent === '') return { state: 'blocked', reason: 'no consent', dueAt };
  const answer = windows.at(zonesOf(contact), nowMs);
  if (answer.kind === 'never') return { state: 'blocked', reason: answer.reason, dueAt };
  if (answer.kind === 'closed') {
    return { state: 'waiting', reason: 'the calling window is closed', dueAt: answer.opensAt };
  }
  if (await isSuppressed(tx, number)) return { state: 'suppressed', reason: SUPPRESSED, dueAt };
  // The rules may allow fewer than when the contact was last called.
  if ((await countAttempts(tx, contact.contact_id)) >= rules.maxAttempts) {
    return { state: 'failed', reason: 'no attempt is left', dueAt };
  }
  const calls = await callsTo(tx, number, nowMs);
  const freeAt = Math.max(
    freeAgainAt(calls, { max: rules.maxCallsPer24h, spanMs: DAY_MS, nowMs }),
    freeAgainAt(calls, { max: rules.maxCallsPer7d, spanMs: 7 * DAY_MS, nowMs }),
  );
  if (freeAt <= nowMs) return undefined;
  return { state: 'waiting', reason: 'the cap on calls to the number', dueAt: freeAt };
}

/** Attempts on a contact that count; one that may have dialled does. */
export async function countAttempts(tx: SqlTransaction, contactId: string): Promise<number> {
  const [row] = await tx.rows<{ readonly attempts: number }>(
    `SELECT count(*) AS attempts FROM ${ATTEMPTS}
     WHERE contact_id = $1 AND state IN ('posting', 'posted', 'ended', 'ambiguous')
       AND COALESCE(disposition, '') <> 'vendor-queue'`,
    [contactId],
  );
  return row!.attempts;
}

export async function isSuppressed(tx: SqlTransaction, number: string): Promise<boolean> {
  const rows = await tx.rows(`SELECT 1 AS found FROM ${SUPPRESSIONS} WHERE number = $1`, [number]);
  return rows.length > 0;
}

/** When calls to a number in the last 7 days were dialled, oldest first, over all campaigns. */
async function callsTo(tx: SqlTransaction, number: string, nowMs: number): Promise<number[]> {
  const rows = await tx.rows<{ readonly dialled_at: number }>(
    `SELECT COALESCE(a.posting_at, a.intended_at) AS dialled_at
     FROM ${CONTACTS} AS c JOIN ${ATTEMPTS} AS a ON a.contact_id = c.contact_id
     WHERE c.number = $1 AND a.intended_at > $2 AND a.state <> 'not_sent'
       AND COALESCE(a.disposition, '') <> 'vendor-queue'
     ORDER BY 1`,
    [number, nowMs - 7 * DAY_MS - INTENT_MS],
  );
  return rows.map(({ dialled_at: at }) => at);
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
