import type { AddedContacts } from '../../campaigns/store.js';
import type { NewContact } from '../../campaigns/records.js';
import { amount } from '../../platform/printing.js';
import { Progress, renderProgress } from '../progress.js';
import { CliError } from '../terminal.js';
import { readContact, type RowOptions } from './contact-row.js';
import type { ContactsFile } from './open.js';
import { fileOfRejects, printedRejects, type Rejects } from './rejects.js';

/** What became of the rows of a file. */
export interface ImportResult extends AddedContacts {
  /** Rows that were read. */
  readonly rows: number;
  readonly rejected: number;
  readonly withoutConsent: number;
  /** Contacts whose time zones are those that their number may be in. */
  readonly zonesByNumber: number;
  readonly isInterrupted: boolean;
}

export interface RowsOptions {
  readonly file: ContactsFile;
  readonly row: RowOptions;
  /** A file; absent for stderr. */
  readonly rejects: string | undefined;
  readonly signal: AbortSignal;
}

type AddContacts = (contacts: readonly NewContact[]) => Promise<AddedContacts>;

/** Rows of one transaction: no call can be decided meanwhile. */
const BATCH_SIZE = 500;

/**
 * Reads all rows and adds their contacts, in batches; what was added before an interruption or an error stays.
 *
 * @param add absent to check the rows only
 */
export async function importRows(
  { file, row, rejects: rejectsFile, signal }: RowsOptions,
  add: AddContacts = countOnly,
): Promise<ImportResult> {
  const counts = { rows: 0, added: 0, updated: 0, rejected: 0, withoutConsent: 0, zonesByNumber: 0 };
  const startedAtMs = performance.now();
  const render = (): string => {
    const { rows, rejected } = counts;
    const text = `${amount(rows)} rows, ${amount(rejected)} rejected`;
    return renderProgress(text, { done: rows, share: file.readShare(), startedAtMs });
  };
  const progress = new Progress({ stream: process.stderr, render, everywhere: true });
  const rejects = await openRejects(rejectsFile, file, progress);
  const flush = async (batch: readonly NewContact[]): Promise<void> => {
    const { added, updated } = await add(batch);
    counts.added += added;
    counts.updated += updated;
  };
  let batch: NewContact[] = [];
  try {
    for await (const record of file.records) {
      signal.throwIfAborted();
      counts.rows += 1;
      const read = readContact(record.cells, file.columns, row);
      if ('reason' in read) {
        counts.rejected += 1;
        await rejects.add(record, read.reason);
      } else {
        batch.push(read.contact);
        if (read.contact.consent === '') counts.withoutConsent += 1;
        if (read.hasZonesByNumber) counts.zonesByNumber += 1;
      }
      if (batch.length === BATCH_SIZE) {
        await flush(batch);
        batch = [];
      }
      progress.step();
    }
    if (batch.length > 0) await flush(batch);
    batch = [];
    await rejects.finish();
    return { ...counts, isInterrupted: false };
  } catch (error) {
    await rejects.abandon();
    if (signal.aborted) return { ...counts, isInterrupted: true };
    if (!(error instanceof CliError)) throw error;
    // The rest of the file cannot be read.
    if (batch.length > 0) await flush(batch);
    const kept = counts.added + counts.updated;
    const what = add === countOnly ? 'are valid, and nothing was imported' : 'were imported';
    throw new CliError(`${error.message}; ${kept} contacts before it ${what}`, error.exitCode);
  } finally {
    progress.clear();
  }
}

function countOnly(contacts: readonly NewContact[]): Promise<AddedContacts> {
  return Promise.resolve({ added: contacts.length, updated: 0 });
}

async function openRejects(file: string | undefined, { columns }: ContactsFile, progress: Progress): Promise<Rejects> {
  if (file === undefined) return printedRejects(() => progress.clear());
  return await fileOfRejects(file, columns.header);
}
