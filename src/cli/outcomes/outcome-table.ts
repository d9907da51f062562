import type { StoredOutcome } from '../../contract/outcome.js';
import { oneLine } from './one-line.js';
import { whyOf } from './render-outcome.js';

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
