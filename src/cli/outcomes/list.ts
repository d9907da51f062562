import { stripVTControlCharacters } from 'node:util';

import type { StoredOutcome } from '../../contract/outcome.js';
import type { OutcomeQuery } from '../../outcomes/store.js';
import { EXIT_CODES, type ExitCode, writeStandardOutput } from '../terminal.js';
import { inChunks } from './export.js';
import { withOutcomeStore } from './query.js';
import { whyOf } from './show.js';

interface RunListOptions {
  readonly query: OutcomeQuery;
  /** `Infinity` for all. */
  readonly limit: number;
  readonly json: boolean;
}

/** Prints outcomes, newest first. */
export async function runList({ query, limit, json }: RunListOptions): Promise<ExitCode> {
  return await withOutcomeStore(async (store) => {
    const cut = new Cut(store.list({ ...query, limit: limit + 1 }), limit);
    const lines = json ? jsonLines(cut) : tableOf(cut, widthOf(process.stdout));
    for await (const chunk of inChunks(lines)) await writeStandardOutput(chunk);
    if (!json) for (const note of notesOn(cut)) console.error(note);
    return EXIT_CODES.done;
  });
}

/** The first `limit` of them, and whether there are more. */
class Cut implements AsyncIterable<StoredOutcome> {
  count = 0;
  hasMore = false;

  constructor(
    private readonly outcomes: AsyncIterable<StoredOutcome>,
    private readonly limit: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<StoredOutcome, void, undefined> {
    for await (const outcome of this.outcomes) {
      this.hasMore = this.count === this.limit;
      if (this.hasMore) return;
      this.count += 1;
      yield outcome;
    }
  }
}

async function* jsonLines(outcomes: AsyncIterable<StoredOutcome>): AsyncGenerator<string, void, undefined> {
  for await (const outcome of outcomes) yield `${JSON.stringify(outcome)}\n`;
}

function notesOn({ count, hasMore }: Cut): string[] {
  if (hasMore) return [`these are the latest ${count}; --limit 0 lists all`];
  return count === 0 ? ['no outcomes'] : [];
}

function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? stream.columns || 80 : Infinity;
}

const HEAD = ['CALL', 'STATUS', 'SAVED', 'POLLS', 'ACCOUNT', 'WHY'];
/** So many rows decide how wide the columns are. All of them would have to be held in memory. */
const MEASURED_ROWS = 50;
const GAP = '  ';

type Cells = readonly string[];

/** Outcomes in columns; a line is cut off at `maxWidth`. */
export async function* tableOf(
  outcomes: AsyncIterable<StoredOutcome>,
  maxWidth: number,
): AsyncGenerator<string, void, undefined> {
  let measured: Cells[] | undefined = [];
  let widths: readonly number[] = [];
  const render = (row: Cells): string => renderRow(row, widths).slice(0, maxWidth) + '\n';
  for await (const outcome of outcomes) {
    const row = cellsOf(outcome);
    if (!measured) {
      yield render(row);
      continue;
    }
    measured.push(row);
    if (measured.length < MEASURED_ROWS) continue;
    widths = widthsOf(measured);
    yield* [HEAD, ...measured].map(render);
    measured = undefined;
  }
  if (!measured?.length) return;
  widths = widthsOf(measured);
  yield* [HEAD, ...measured].map(render);
}

function cellsOf(outcome: StoredOutcome): Cells {
  const { callSid, status = 'none', savedAt, polls, account = '' } = outcome;
  const saved = savedAt.replace(/\.\d+Z$/, 'Z');
  return [callSid, status, saved, String(polls), oneLine(account), whyOf(outcome)];
}

function widthsOf(rows: readonly Cells[]): number[] {
  return HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
}

function renderRow(row: Cells, widths: readonly number[]): string {
  return row
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join(GAP)
    .trimEnd();
}

/** Text from outside may hold anything; a terminal gets one line of it, without its orders to the terminal. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
