import { randomUUID } from 'node:crypto';

import { e164 } from './e164.js';
import { SUPPRESSED } from './eligibility.js';
import { type AttemptRow, campaignRow, type ContactRow, toAttempt, toContact } from './rows.js';
import { ATTEMPTS, CONTACTS, SUPPRESSIONS } from './schema.js';
import type { SqlDatabase, SqlTransaction, SqlValue } from './sql.js';
import type { Step } from './step.js';
import { type AddedContacts, type Attempt, CampaignError, type Contact, type NewContact } from './store.js';

const PAGE_SIZE = 500;
/** Rows of one statement: PostgreSQL allows 65,535 parameters, SQLite 32,766. */
const CHUNK_SIZE = 500;
const COLUMNS = 11;

/** See `CampaignStore.addContacts`. In an exclusive transaction; a number that is given twice counts once. */
export async function addContacts(
  { tx, nowMs }: Step,
  campaignId: string,
  contacts: readonly NewContact[],
): Promise<AddedContacts> {
  const { state } = await campaignRow(tx, campaignId);
  if (state === 'cancelled') throw new CampaignError(`campaign "${campaignId}" was cancelled`, 'wrong-state');
  const numbered = contacts.map((contact, index) => {
    return { ...contact, number: e164(contact.number, `contacts[${index}].number`) };
  });
  const unique = [...new Map(numbered.map((contact) => [contact.number, contact])).values()];
  const rows = unique.map((contact) => valuesOf(contact, campaignId, nowMs));
  let added = 0;
  for (let first = 0; first < rows.length; first += CHUNK_SIZE) {
    added += await upsert(tx, rows.slice(first, first + CHUNK_SIZE));
  }
  return { added, updated: contacts.length - added };
}

/** @returns how many are new */
async function upsert(tx: SqlTransaction, rows: readonly SqlValue[][]): Promise<number> {
  const places = rows.map((_, row) => `(${placesOf(row)}, 'waiting', '')`).join(', ');
  const ids = new Set(rows.map(([contactId]) => contactId));
  const written = await tx.rows<{ readonly contact_id: string }>(
    `INSERT INTO ${CONTACTS} (contact_id, campaign_id, number, time_zones, consent, reference, variables,
       not_before, due_at, settled_at, created_at, state, reason)
     VALUES ${places}
     ON CONFLICT (campaign_id, number) DO UPDATE SET time_zones = excluded.time_zones, consent = excluded.consent,
       reference = excluded.reference, variables = excluded.variables,
       state = CASE ${CONTACTS}.state WHEN 'blocked' THEN 'waiting' ELSE ${CONTACTS}.state END,
       due_at = CASE ${CONTACTS}.state WHEN 'blocked' THEN excluded.due_at WHEN 'waiting' THEN ${CONTACTS}.not_before
         ELSE ${CONTACTS}.due_at END
     RETURNING contact_id`,
    rows.flat(),
  );
  return written.filter(({ contact_id: contactId }) => ids.has(contactId)).length;
}

function valuesOf(contact: NewContact, campaignId: string, nowMs: number): SqlValue[] {
  const { number, timeZones, consent, reference = '', variables = {} } = contact;
  const text = [number, timeZones.join(' '), consent, reference, JSON.stringify(variables)].map(storable);
  return [randomUUID(), campaignId, ...text, nowMs, nowMs, null, nowMs];
}

/** PostgreSQL rejects NUL, and a lone surrogate is not valid UTF-8. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

function placesOf(row: number): string {
  return Array.from({ length: COLUMNS }, (_, column) => placeOf(row, column)).join(', ');
}

/** PostgreSQL does not infer the type of a parameter in a list of several rows. */
function placeOf(row: number, column: number): string {
  return `CAST($${row * COLUMNS + column + 1} AS ${column < 7 ? 'text' : 'bigint'})`;
}

/** See `CampaignStore.suppress`. In an exclusive transaction. */
export async function suppress(
  { tx, nowMs }: Step,
  written: string,
  { reason, source }: { readonly reason: string; readonly source: string },
): Promise<void> {
  const number = e164(written, 'the number to suppress');
  await tx.run(
    `INSERT INTO ${SUPPRESSIONS} (number, reason, source, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (number) DO NOTHING`,
    [number, reason, source, nowMs],
  );
  await tx.run(`UPDATE ${CONTACTS} SET state = 'suppressed', reason = $2 WHERE number = $1 AND state = 'waiting'`, [
    number,
    SUPPRESSED,
  ]);
}

/** See `CampaignStore.contacts`: in pages, so that no transaction stays open. */
export async function* listContacts(db: SqlDatabase, campaignId: string): AsyncGenerator<Contact, void> {
  const page = async (tx: SqlTransaction, after: string): Promise<ContactRow[]> =>
    await tx.rows<ContactRow>(
      `SELECT * FROM ${CONTACTS} WHERE campaign_id = $1 AND number > $2 ORDER BY number LIMIT ${PAGE_SIZE}`,
      [campaignId, after],
    );
  for (let after = ''; ;) {
    const rows = await db.read((tx) => page(tx, after));
    for (const row of rows) yield toContact(row);
    if (rows.length < PAGE_SIZE) return;
    after = rows.at(-1)!.number;
  }
}

/** See `CampaignStore.attempts`. */
export async function* listAttempts(db: SqlDatabase, campaignId: string): AsyncGenerator<Attempt, void> {
  const page = async (tx: SqlTransaction, [contactId, attempt]: readonly [string, number]): Promise<AttemptRow[]> =>
    await tx.rows<AttemptRow>(
      `SELECT * FROM ${ATTEMPTS} WHERE campaign_id = $1 AND (contact_id, attempt) > ($2, $3)
       ORDER BY contact_id, attempt LIMIT ${PAGE_SIZE}`,
      [campaignId, contactId, attempt],
    );
  for (let after: readonly [string, number] = ['', 0]; ;) {
    const rows = await db.read((tx) => page(tx, after));
    for (const row of rows) yield toAttempt(row);
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_SIZE) return;
    after = [last.contact_id, last.attempt];
  }
}
