import { randomUUID } from 'node:crypto';

import { ATTEMPTS, CONTACTS } from './database/schema.js';
import { inChunks, inPages, PAGE_SIZE, type SqlDatabase, type SqlTransaction, type SqlValue } from './database/sql.js';
import { e164 } from './e164.js';
import { CampaignError } from './errors.js';
import type { Attempt, Contact, NewContact } from './records.js';
import { REQUEUE_DEFERRED } from './requeue.js';
import { type AttemptRow, campaignRow, type ContactRow, toAttempt, toContact } from './rows.js';
import { parseRegion, regionsOf } from './rules/contact-regions.js';
import type { StoreTransaction } from './store-transaction.js';

/** Rows of one statement and transaction: PostgreSQL allows 65,535 parameters, SQLite 32,766. */
const CHUNK_SIZE = 500;
const COLUMNS = 12;

/**
 * Contacts in groups that are added in one transaction each, at least one. A number that is given twice counts once.
 *
 * @throws {CampaignError} `invalid-number`
 * @throws {TypeError} naming a contact by its index, and a field of it that has another type
 */
export function chunksOf(contacts: readonly NewContact[]): NewContact[][] {
  const numbered = contacts.map((contact, index) => {
    checkContact(contact, `contacts[${index}]`);
    return { ...contact, number: e164(contact.number, `contacts[${index}].number`) };
  });
  const unique = [...new Map(numbered.map((contact) => [contact.number, contact])).values()];
  return unique.length > 0 ? inChunks(unique, CHUNK_SIZE) : [[]];
}

/** A contact whose regions are known. */
interface LocatedContact extends NewContact {
  readonly regions: readonly string[];
}

/**
 * Finds the regions of the contacts of one chunk. Before its transaction: that takes as long as writing them, and no call can be
 * decided meanwhile.
 */
export function locate(contacts: readonly NewContact[]): LocatedContact[] {
  return contacts.map((contact) => {
    const given = (contact.regions ?? []).map((region) => parseRegion(region)!);
    return { ...contact, regions: regionsOf(contact.number, given) };
  });
}

/** In plain JavaScript a field may be anything. */
function checkContact(contact: Readonly<Partial<Record<keyof NewContact, unknown>>>, name: string): void {
  const { timeZones, regions = [], consent, reference = '', variables = {} } = contact;
  const problem = (field: string, expected: string): TypeError => new TypeError(`${name}.${field} must be ${expected}`);
  if (!isTexts(timeZones)) throw problem('timeZones', 'an array of IANA names');
  if (!isTexts(regions) || !regions.every((region) => parseRegion(region) !== undefined)) {
    throw problem('regions', 'an array of codes of ISO 3166 such as "FR" and "US-FL"');
  }
  if (typeof consent !== 'string') throw problem('consent', 'text, empty for no consent');
  if (typeof reference !== 'string') throw problem('reference', 'text');
  const isRecord = typeof variables === 'object' && variables !== null && !Array.isArray(variables);
  if (!isRecord || !isTexts(Object.values(variables))) throw problem('variables', 'an object whose values are text');
}

function isTexts(values: unknown): values is readonly string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}

/**
 * Adds the contacts of one chunk. In an exclusive transaction.
 *
 * @returns how many are new
 */
export async function addChunk(
  { tx, nowMs }: StoreTransaction,
  campaignId: string,
  contacts: readonly LocatedContact[],
): Promise<number> {
  const { state } = await campaignRow(tx, campaignId);
  if (state === 'cancelled') throw new CampaignError(`campaign "${campaignId}" was cancelled`, 'wrong-state');
  if (contacts.length === 0) return 0;
  return await upsert(
    tx,
    contacts.map((contact) => valuesOf(contact, campaignId, nowMs)),
  );
}

/** @returns how many are new */
async function upsert(tx: SqlTransaction, rows: readonly SqlValue[][]): Promise<number> {
  const places = rows.map((_, row) => `(${placesOf(row)}, 'waiting', '')`).join(', ');
  const ids = new Set(rows.map(([contactId]) => contactId));
  const written = await tx.rows<{ readonly contact_id: string }>(
    `INSERT INTO ${CONTACTS} (contact_id, campaign_id, number, time_zones, regions, consent, reference, variables,
       not_before, due_at, settled_at, created_at, state, reason)
     VALUES ${places}
     ON CONFLICT (campaign_id, number) DO UPDATE SET time_zones = excluded.time_zones, regions = excluded.regions,
       consent = excluded.consent, reference = excluded.reference, variables = excluded.variables,
       ${REQUEUE_DEFERRED}
     RETURNING contact_id`,
    rows.flat(),
  );
  return written.filter(({ contact_id: contactId }) => ids.has(contactId)).length;
}

function valuesOf(contact: LocatedContact, campaignId: string, nowMs: number): SqlValue[] {
  const { number, timeZones, regions, consent, reference = '', variables = {} } = contact;
  const text = [number, timeZones.join(' '), regions.join(' '), consent, reference, JSON.stringify(variables)];
  return [randomUUID(), campaignId, ...text, nowMs, nowMs, null, nowMs];
}

function placesOf(row: number): string {
  return Array.from({ length: COLUMNS }, (_, column) => placeOf(row, column)).join(', ');
}

/** PostgreSQL does not infer the type of a parameter in a list of several rows. */
function placeOf(row: number, column: number): string {
  return `CAST($${row * COLUMNS + column + 1} AS ${column < 8 ? 'text' : 'bigint'})`;
}

/** See `CampaignStore.contacts`. */
export async function* listContacts(db: SqlDatabase, campaignId: string): AsyncGenerator<Contact, void> {
  const rows = inPages<ContactRow>(db, async (tx, last) =>
    tx.rows(`SELECT * FROM ${CONTACTS} WHERE campaign_id = $1 AND number > $2 ORDER BY number LIMIT ${PAGE_SIZE}`, [
      campaignId,
      last?.number ?? '',
    ]),
  );
  for await (const row of rows) yield toContact(row);
}

/** See `CampaignStore.attempts`. */
export async function* listAttempts(db: SqlDatabase, campaignId: string): AsyncGenerator<Attempt, void> {
  const rows = inPages<AttemptRow>(db, async (tx, last) =>
    tx.rows(
      `SELECT * FROM ${ATTEMPTS} WHERE campaign_id = $1 AND (contact_id, attempt) > ($2, $3)
       ORDER BY contact_id, attempt LIMIT ${PAGE_SIZE}`,
      [campaignId, last?.contact_id ?? '', last?.attempt ?? 0],
    ),
  );
  for await (const row of rows) yield toAttempt(row);
}
