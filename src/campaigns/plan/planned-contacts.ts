import { CONTACTS } from '../database/schema.js';
import { inChunks, PAGE_SIZE, parameterList, type SqlDatabase } from '../database/sql.js';
import { type ContactRow, iso } from '../rows.js';
import type { CampaignPlan, PlannedContact } from './campaign-plan.js';
import type { PlanContacts } from './contacts.js';
import type { PlannedQueue } from './queue.js';

type PlanCounts = Pick<CampaignPlan, 'dial' | 'later' | 'never' | 'hours' | 'delays' | 'reasons'>;

const HOUR = 'YYYY-MM-DDTHH'.length;

/** Pure: counts what becomes of the contacts. */
export function countPlanned(contacts: PlanContacts, { dial, later, never }: PlannedQueue): PlanCounts {
  const hours = new Counts();
  const delays = new Counts();
  const reasons = new Counts();
  for (const index of dial) {
    hours.add(`${timeOf(contacts, index).slice(0, HOUR)}:00:00Z`);
    const delay = contacts.reasonOf(index);
    if (delay !== '') delays.add(delay);
  }
  for (const indexes of [later, never]) for (const index of indexes) reasons.add(contacts.reasonOf(index));
  return {
    dial: dial.length,
    later: later.length,
    never: never.length,
    hours: Object.entries(hours.counted).map(([from, calls]) => ({ from, calls })),
    delays: delays.counted,
    reasons: reasons.counted,
  };
}

class Counts {
  readonly #counts = new Map<string, number>();

  add(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  get counted(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}

function timeOf({ dueAt }: PlanContacts, index: number): string {
  return iso(Math.round(dueAt[index]!));
}

/** Contacts with what becomes of them; their references are read page by page. */
export async function* listPlanned(
  db: SqlDatabase,
  contacts: PlanContacts,
  { dial, later, never }: PlannedQueue,
): AsyncGenerator<PlannedContact, void> {
  for (const [plan, indexes] of [
    ['dial', dial],
    ['later', later],
    ['never', never],
  ] as const) {
    for (const page of inChunks(indexes, PAGE_SIZE)) {
      const references = await referencesOf(
        db,
        page.map((index) => contacts.ids[index]!),
      );
      for (const index of page) {
        const contactId = contacts.ids[index]!;
        yield {
          contactId,
          reference: references.get(contactId) ?? '',
          state: contacts.stateOf(index),
          plan,
          ...(plan === 'dial' && { at: timeOf(contacts, index) }),
          reason: contacts.reasonOf(index),
        };
      }
    }
  }
}

async function referencesOf(db: SqlDatabase, contactIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db.read((tx) =>
    tx.rows<Pick<ContactRow, 'contact_id' | 'reference'>>(
      `SELECT contact_id, reference FROM ${CONTACTS} WHERE contact_id IN (${parameterList(contactIds)})`,
      contactIds,
    ),
  );
  return new Map(rows.map(({ contact_id: contactId, reference }) => [contactId, reference]));
}
