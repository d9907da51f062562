import type { StoredOutcome } from '../../contract/outcome.js';
import type { OutcomeQuery } from '../../outcomes/store.js';
import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import { inChunks } from './in-chunks.js';
import { tableOf } from './outcome-table.js';
import { writeStandardOutput } from './standard-output.js';
import { withOutcomeStore } from './with-outcome-store.js';

export interface RunListOptions {
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
