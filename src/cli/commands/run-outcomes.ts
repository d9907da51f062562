import type { StoredOutcome } from '../../contract/outcome.js';
import type { OutcomeQuery } from '../../outcomes/store.js';
import {
  oneLine,
  printable,
  printableJson,
  printError,
  print,
  printJson,
  writeOutput,
} from '../../platform/printing.js';
import { withOutcomeStore } from '../outcome-store.js';
import { CliError, countPolls, EXIT_CODES, type ExitCode, exitCodeOfCall, inChunks } from '../terminal.js';

interface ListOptions {
  readonly query: OutcomeQuery;
  /** `Infinity` for all. */
  readonly limit: number;
  readonly json: boolean;
}

/** Runs `outcomes list`: prints outcomes, newest first, in bounded memory. */
export async function listOutcomes({ query, limit, json }: ListOptions): Promise<ExitCode> {
  return await withOutcomeStore(async (store) => {
    const outcomes = new LimitedOutcomes(store.list({ ...query, limit: limit + 1 }), limit);
    const lines = json ? renderJsonLines(outcomes) : renderTable(outcomes, widthOf(process.stdout));
    for await (const chunk of inChunks(lines)) await writeOutput(json ? chunk : printable(chunk));
    if (!json && outcomes.hasMore) printError(`these are the latest ${outcomes.count}; --limit 0 lists all`);
    else if (!json && outcomes.count === 0) printError('no outcomes');
    return EXIT_CODES.done;
  });
}

/** The first `limit` outcomes, and whether there are more. */
class LimitedOutcomes implements AsyncIterable<StoredOutcome> {
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

/** One JSON object a line. */
export async function* renderJsonLines(
  outcomes: AsyncIterable<StoredOutcome>,
): AsyncGenerator<string, void, undefined> {
  for await (const outcome of outcomes) yield `${printableJson(outcome)}\n`;
}

function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? stream.columns || 80 : Infinity;
}

const HEAD = ['CALL', 'STATUS', 'SAVED', 'POLLS', 'ACCOUNT', 'WHY'];
/** The first rows determine the widths of the columns; measuring all rows would take unbounded memory. */
const MEASURED_ROWS = 50;
const GAP = '  ';

type Cells = readonly string[];

/** Outcomes in columns, one a line, which is cut off at `maxWidth`. */
export async function* renderTable(
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
  return [callSid, status, saved, String(polls), account, reasonOf(outcome)].map(oneLine);
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

interface ShowOptions {
  readonly callSid: string;
  readonly json: boolean;
}

/** Runs `outcomes show`: prints everything that is stored about one call. */
export async function showOutcome({ callSid, json }: ShowOptions): Promise<ExitCode> {
  return await withOutcomeStore(async (store) => {
    const outcome = await store.get(callSid);
    if (!outcome) {
      throw new CliError(`no outcome of ${callSid} is stored; to see its monitor: temporal-polyai status ${callSid}`);
    }
    if (json) printJson(outcome);
    else print(renderOutcome(outcome));
    return exitCodeOfCall(outcome.status);
  });
}

function renderOutcome(outcome: StoredOutcome): string {
  const { callSid, account, status, reason, lastObservation: last, timeline } = outcome;
  const lines = [
    ['reason', oneLine(reason)],
    ['ended', outcome.ending && reasonOf(outcome)],
    ['account', account && oneLine(account)],
    ['finished', `${outcome.finishedAt} after ${countPolls(outcome.polls)}`],
    ['last seen', last && `${last.observedAt} ${oneLine(last.rawStatus)}`],
    ...timeline.map((entry, index) => [index === 0 ? 'timeline' : '', `${entry.at} ${oneLine(entry.status)}`]),
    ['started', outcome.startedAt],
    ['saved', outcome.savedAt],
    ['workflow', outcome.workflowId],
    ['run', outcome.runId],
  ].filter(([, text]) => text);
  return [
    `${callSid}: ${oneLine(status ?? 'no terminal status')}`,
    ...lines.map(([name = '', text]) => `  ${name.padEnd(9)}  ${text}`),
  ].join('\n');
}

/** Why the call ended as it did, or why no terminal status was observed. */
function reasonOf({ reason, ending }: StoredOutcome): string {
  return oneLine(ending ? `${ending.type}: ${ending.message}` : reason);
}
