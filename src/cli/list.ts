import { printable, printableJson, printError, writeOutput } from '../platform/printing.js';
import { joinLines } from './terminal.js';

/** The text of a row's cells, in the order of the columns, each in one line. */
export type Cells = readonly string[];

interface ListOptions<T> {
  /** May give more than `limit`. */
  readonly items: AsyncIterable<T>;
  /** `Infinity` for all. */
  readonly limit: number;
  /** What is listed, in the plural. */
  readonly what: string;
  readonly json: boolean;
  readonly head: Cells;
  readonly cellsOf: (item: T) => Cells;
}

/** Prints a list in bounded memory: a table, or one JSON object for each line. */
export async function printList<T>({ items, limit, what, json, head, cellsOf }: ListOptions<T>): Promise<void> {
  const listed = new LimitedList(items, limit);
  const lines = json ? renderJsonLines(listed) : renderTable({ head, rows: mapped(listed, cellsOf) }, terminalWidth());
  for await (const chunk of joinLines(lines)) await writeOutput(json ? chunk : printable(chunk));
  if (!json && listed.hasMore) printError(`these are the latest ${listed.count}; --limit 0 lists all`);
  else if (!json && listed.count === 0) printError(`no ${what}`);
}

/** The first `limit` items, and whether there are more. */
class LimitedList<T> implements AsyncIterable<T> {
  count = 0;
  hasMore = false;

  constructor(
    private readonly items: AsyncIterable<T>,
    private readonly limit: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const item of this.items) {
      this.hasMore = this.count === this.limit;
      if (this.hasMore) return;
      this.count += 1;
      yield item;
    }
  }
}

async function* mapped<T, U>(items: AsyncIterable<T>, map: (item: T) => U): AsyncGenerator<U, void, undefined> {
  for await (const item of items) yield map(item);
}

/** A time in ISO 8601 without its milliseconds. */
export function toSecond(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

/** One JSON object a line. */
export async function* renderJsonLines(items: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  for await (const item of items) yield `${printableJson(item)}\n`;
}

/** Where the output goes to a file or a pipe, no line is cut off. */
function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
}

/** The first rows determine the widths of the columns; measuring all rows would take unbounded memory. */
const MEASURED_ROWS = 50;
const GAP = '  ';

interface Table {
  readonly head: Cells;
  readonly rows: AsyncIterable<Cells>;
}

/** Rows in columns, one a line, which is cut off at `maxWidth`. */
export async function* renderTable({ head, rows }: Table, maxWidth: number): AsyncGenerator<string, void, undefined> {
  let measured: Cells[] | undefined = [];
  let widths: readonly number[] = [];
  const render = (row: Cells): string => `${cutOff(renderRow(row, widths), maxWidth)}\n`;
  for await (const row of rows) {
    if (!measured) {
      yield render(row);
      continue;
    }
    measured.push(row);
    if (measured.length < MEASURED_ROWS) continue;
    widths = widthsOf([head, ...measured]);
    yield* [head, ...measured].map(render);
    measured = undefined;
  }
  if (!measured?.length) return;
  widths = widthsOf([head, ...measured]);
  yield* [head, ...measured].map(render);
}

function cutOff(line: string, maxWidth: number): string {
  return line.length <= maxWidth ? line : `${line.slice(0, maxWidth - 1)}…`;
}

function widthsOf(rows: readonly Cells[]): number[] {
  const columns = rows[0]?.map((_cell, column) => column) ?? [];
  return columns.map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
}

function renderRow(row: Cells, widths: readonly number[]): string {
  return row
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join(GAP)
    .trimEnd();
}
