import { type Info, parse } from 'csv-parse';
import { pipeline, Readable } from 'node:stream';

import { CliError } from '../terminal.js';

/** A record of a CSV file. */
export interface CsvRecord {
  /** Its last line, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

interface CsvOptions {
  /** The name in errors. */
  readonly file: string;
  /** Found out from the header when absent. */
  readonly delimiter: string | undefined;
}

/** A longer record is a quote that is never closed. */
const MAX_RECORD_LENGTH = 1_000_000;

const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Parses CSV (RFC 4180, with any ends of lines), leaving out records without content.
 *
 * @throws {CliError} when a quote is never closed
 */
export async function* readRecords(
  text: AsyncIterable<string>,
  { file, delimiter }: CsvOptions,
): AsyncGenerator<CsvRecord, void> {
  const { header, all } = await withHeader(text);
  let readable = Infinity;
  const parser = parse({
    delimiter: delimiter ?? delimiterOf(header),
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_LENGTH,
    // An error that is thrown would take the records with it that have been parsed, and are still to be read.
    skip_records_with_error: true,
    on_skip: () => {
      readable = Math.min(readable, parser.info.records);
      return undefined;
    },
  });
  // An error of one of them ends the iteration below.
  pipeline(Readable.from(readWhile(all, () => readable === Infinity)), parser, () => undefined);
  let line = 0;
  let count = 0;
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
    count += 1;
    if (count > readable) break;
    ({ lines: line } = info);
    if (record.some((cell) => cell.trim() !== '')) yield { line, cells: record };
  }
  if (readable === Infinity) return;
  throw new CliError(
    `${file}: a quote in line ${line + 1} or after it is never closed, so nothing from there on can be read`,
  );
}

async function* readWhile(text: AsyncIterable<string>, isWanted: () => boolean): AsyncGenerator<string, void> {
  for await (const chunk of text) {
    if (!isWanted()) return;
    yield chunk;
  }
}

interface WithHeader {
  readonly header: string;
  readonly all: AsyncIterable<string>;
}

/** Reads ahead until the header has ended. */
async function withHeader(text: AsyncIterable<string>): Promise<WithHeader> {
  const chunks = text[Symbol.asyncIterator]();
  let start = '';
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    start += next.value;
    if (/\S.*[\r\n]/.test(start)) break;
  }
  const rest: AsyncIterable<string> = { [Symbol.asyncIterator]: () => chunks };
  async function* all(): AsyncGenerator<string, void> {
    yield start;
    yield* rest;
  }
  return { header: /\S.*/.exec(start)?.[0] ?? '', all: all() };
}

/** What the header has most of, outside quotes. */
function delimiterOf(header: string): string {
  const unquoted = header.replaceAll(/"[^"]*"/g, '');
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, count: unquoted.split(delimiter).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}
