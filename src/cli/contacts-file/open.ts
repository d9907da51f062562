import type { Readable } from 'node:stream';

import { openSource } from '../source.js';
import { CliError } from '../terminal.js';
import { type ColumnOptions, type ContactColumns, findColumns } from './columns.js';
import { type CsvRecord, readRecords } from './records.js';
import { readText } from './text.js';

interface FileOptions {
  /** `-` for stdin. */
  readonly file: string;
  readonly columns: ColumnOptions;
  readonly delimiter: string | undefined;
  readonly encoding: string;
}

/** A CSV file whose header has been read. */
export interface ContactsFile {
  readonly name: string;
  readonly columns: ContactColumns;
  /** The records after the header. */
  readonly records: AsyncIterable<CsvRecord>;
  /** What they are read from. */
  readonly source: Readable;
  /** How much has been read, from 0 to 1; `undefined` when nobody knows how much there is. */
  readonly readShare: () => number | undefined;
}

/**
 * Opens a file of contacts.
 *
 * @throws {CliError} when it cannot be read, has no contacts, or its columns are not clear
 */
export async function openContactsFile({ file, columns, delimiter, encoding }: FileOptions): Promise<ContactsFile> {
  const { name, source, bytes, readShare } = await openSource(file);
  const text = readText(bytes, { file: name, encoding });
  const records = readRecords(text, { file: name, delimiter });
  const { done, value: header } = await records.next();
  if (done) throw new CliError(`${name} is empty`);
  return {
    name,
    columns: findColumns(header.cells, columns),
    records,
    source,
    readShare,
  };
}
