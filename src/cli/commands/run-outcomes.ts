import type { StoredOutcome } from '../../contract/outcome.js';
import type { OutcomeQuery } from '../../outcomes/store.js';
import { counted, oneLine, print, printJson } from '../../platform/printing.js';
import { type Cells, printList, toSecond } from '../list.js';
import { withOutcomeStore } from '../outcome-store.js';
import { CliError, EXIT_CODES, type ExitCode, exitCodeOfCall } from '../terminal.js';

interface ListOptions {
  readonly query: OutcomeQuery;
  /** `Infinity` for all. */
  readonly limit: number;
  readonly json: boolean;
}

/** Runs `outcomes list`: prints outcomes, newest first, in bounded memory. */
export async function listOutcomes({ query, limit, json }: ListOptions): Promise<ExitCode> {
  return await withOutcomeStore(async (store) => {
    const items = store.list({ ...query, limit: limit + 1 });
    await printList({ items, limit, what: 'outcomes', json, head: HEAD, cellsOf });
    return EXIT_CODES.done;
  });
}

const HEAD = ['CALL', 'STATUS', 'SAVED', 'POLLS', 'ACCOUNT', 'WHY'];

function cellsOf(outcome: StoredOutcome): Cells {
  const { callSid, status = 'none', savedAt, polls, account = '' } = outcome;
  return [callSid, status, toSecond(savedAt), String(polls), account, reasonOf(outcome)].map(oneLine);
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
    ['finished', `${outcome.finishedAt} after ${counted(outcome.polls, 'poll')}`],
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
