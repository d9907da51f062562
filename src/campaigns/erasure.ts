import { keepCalls, MAYBE_CALLS } from './calls-to-number.js';
import { ATTEMPTS, CONTACTS, REPORTS, SUPPRESSIONS } from './database/schema.js';
import { parameterList, type SqlTransaction } from './database/sql.js';
import { e164 } from './e164.js';
import { CampaignError } from './errors.js';
import { ERASED_PREFIX } from './pseudonym.js';
import type { PersonalData, PersonToErase } from './records.js';
import type { AttemptRow } from './rows.js';
import { advanceSequence } from './sequence.js';
import type { StoreTransaction } from './store-transaction.js';
import { eraseSuppression } from './suppressions.js';

/** A reference of more numbers than this is no person's. */
const MAX_NUMBERS = 50;

/** A person as the database is asked for: checked, before any transaction. */
export type Person = { readonly number: string } | { readonly reference: string };

/**
 * @throws {CampaignError} `invalid-number`
 * @throws {TypeError} unless there is either a number or a reference
 */
export function personOf({ number, reference }: PersonToErase): Person {
  if (number !== undefined && reference === undefined) return { number: e164(number, 'the number to erase') };
  if (number === undefined && typeof reference === 'string' && reference !== '') return { reference };
  throw new TypeError('a person to erase is given by either a number or a reference that is not empty');
}

/** See `OpenCampaignStore.personalData`. */
export async function personalData(tx: SqlTransaction, person: Person): Promise<PersonalData> {
  const numbers = await numbersOf(tx, person);
  if (numbers.length === 0) return { campaigns: [], suppressions: 0 };
  const campaigns = await tx.rows<{ readonly campaign_id: string; readonly contacts: number }>(
    `SELECT campaign_id, count(*) AS contacts FROM ${CONTACTS} WHERE number IN (${parameterList(numbers)})
     GROUP BY campaign_id ORDER BY campaign_id`,
    numbers,
  );
  const [suppressed] = await tx.rows<{ readonly amount: number }>(
    `SELECT count(*) AS amount FROM ${SUPPRESSIONS} WHERE number IN (${parameterList(numbers)})`,
    numbers,
  );
  return {
    campaigns: campaigns.map(({ campaign_id: campaignId, contacts }) => ({ campaignId, contacts })),
    suppressions: suppressed!.amount,
  };
}

/** See `OpenCampaignStore.erase`. In an exclusive transaction. */
export async function erase(
  transaction: StoreTransaction,
  person: Person,
  outcomesTable: string,
): Promise<PersonalData> {
  const { tx } = transaction;
  const data = await personalData(tx, person);
  const numbers = await numbersOf(tx, person);
  await requireNoCall(transaction, numbers);
  if (numbers.length > 0) await advanceSequence(transaction);
  for (const number of numbers) {
    await keepCalls(transaction, number);
    await eraseOutcomes(tx, number, outcomesTable);
    await eraseAttempts(transaction, number);
    await eraseContacts(transaction, number);
    await eraseSuppression(transaction, number);
  }
  return data;
}

/** A reference stands for the numbers of its contacts, whatever reference these have in other campaigns. */
async function numbersOf(tx: SqlTransaction, person: Person): Promise<string[]> {
  if ('number' in person) return [person.number];
  const rows = await tx.rows<{ readonly number: string }>(
    `SELECT DISTINCT number FROM ${CONTACTS} WHERE reference = $1 LIMIT ${MAX_NUMBERS + 1}`,
    [person.reference],
  );
  if (rows.length <= MAX_NUMBERS) return rows.map(({ number }) => number);
  throw new CampaignError(
    `more than ${MAX_NUMBERS} numbers have this reference, so it is no person's: erase by number`,
    'wrong-state',
  );
}

/** An attempt may be a call, or become one, for as long as it takes a place among the calls of its account. */
async function requireNoCall({ tx, nowMs }: StoreTransaction, numbers: readonly string[]): Promise<void> {
  if (numbers.length === 0) return;
  const [open] = await tx.rows<AttemptRow>(
    `SELECT a.* FROM ${CONTACTS} AS c JOIN ${ATTEMPTS} AS a ON a.contact_id = c.contact_id
     WHERE c.number IN (${parameterList(numbers)}) AND a.state IN (${MAYBE_CALLS})
       AND a.slot_until > $${numbers.length + 1}
     LIMIT 1`,
    [...numbers, nowMs],
  );
  if (!open) return;
  const doubt = open.state === 'ambiguous' ? 'may be' : 'is';
  throw new CampaignError(
    `nothing was erased: campaign "${open.campaign_id}" ${doubt} calling this person (attempt ${open.attempt_id}). Suppress the ` +
      'number, so that no other call follows, and erase again when the call has ended',
    'wrong-state',
  );
}

/** What the vendor said about the calls, beside the monitor's result. */
async function eraseOutcomes(tx: SqlTransaction, number: string, outcomesTable: string): Promise<void> {
  await tx.run(
    `UPDATE ${outcomesTable} SET reason = '',
       last_reason = CASE WHEN last_reason IS NULL THEN NULL ELSE '' END,
       ending_message = CASE WHEN ending_message IS NULL THEN NULL ELSE '' END
     WHERE call_sid IN (
       SELECT a.call_sid FROM ${CONTACTS} AS c JOIN ${ATTEMPTS} AS a ON a.contact_id = c.contact_id WHERE c.number = $1)`,
    [number],
  );
}

/** That there were calls, when, and how they ended says nothing about whom; free text may. */
async function eraseAttempts({ tx, nowMs }: StoreTransaction, number: string): Promise<void> {
  const contacts = `SELECT contact_id FROM ${CONTACTS} WHERE number = $1`;
  await tx.run(
    `UPDATE ${ATTEMPTS} SET reason = '', disposition_source = CASE WHEN disposition_source IS NULL THEN NULL ELSE '' END
     WHERE contact_id IN (${contacts})`,
    [number],
  );
  // What comes of it later would be written down again.
  await tx.run(
    `UPDATE ${ATTEMPTS} SET state = 'ended', disposition = 'unknown', ended_at = $2
     WHERE state = 'posted' AND contact_id IN (${contacts})`,
    [number, nowMs],
  );
  await tx.run(
    `UPDATE ${REPORTS} SET source = '', report_id = '${ERASED_PREFIX}' || CAST(number AS text) WHERE attempt_id IN (SELECT attempt_id FROM ${ATTEMPTS} WHERE contact_id IN (${contacts}))`,
    [number],
  );
}

async function eraseContacts({ tx, nowMs }: StoreTransaction, number: string): Promise<void> {
  await tx.run(
    `UPDATE ${CONTACTS} SET number = '${ERASED_PREFIX}' || contact_id, time_zones = '', regions = '', consent = '', reference = '',
       variables = '{}', state = 'erased', reason = '', judged_by = NULL, settled_at = COALESCE(settled_at, $2)
     WHERE number = $1`,
    [number, nowMs],
  );
}
