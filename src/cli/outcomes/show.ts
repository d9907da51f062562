import type { StoredOutcome } from '../../contract/outcome.js';
import { countPolls } from '../monitor/run-monitor.js';
import { CliError, EXIT_CODES, type ExitCode } from '../terminal.js';
import { oneLine } from './list.js';
import { withOutcomeStore } from './query.js';

interface RunShowOptions {
  readonly callSid: string;
  readonly json: boolean;
}

/** Prints all that is kept of one call. */
export async function runShow({ callSid, json }: RunShowOptions): Promise<ExitCode> {
  return await withOutcomeStore(async (store) => {
    const outcome = await store.get(callSid);
    if (!outcome) {
      throw new CliError(`no outcome of ${callSid} is kept; to see its monitor: temporal-polyai status ${callSid}`);
    }
    console.log(json ? JSON.stringify(outcome) : renderOutcome(outcome));
    return exitCodeOf(outcome);
  });
}

/** Why the call ended as it did, or why nobody knows. */
export function whyOf({ reason, ending }: StoredOutcome): string {
  return oneLine(ending ? `${ending.type}: ${ending.message}` : reason);
}

/** All of an outcome, for people. */
function renderOutcome(outcome: StoredOutcome): string {
  const { callSid, account, status, reason, lastObservation: last, timeline } = outcome;
  const lines = [
    ['reason', oneLine(reason)],
    ['ended', outcome.ending && whyOf(outcome)],
    ['account', account && oneLine(account)],
    ['finished', `${outcome.finishedAt} after ${countPolls(outcome.polls)}`],
    ['last seen', last && `${last.observedAt} ${oneLine(last.rawStatus)}`],
    ...timeline.map(({ status: word, at }, index) => [index === 0 ? 'timeline' : '', `${at} ${oneLine(word)}`]),
    ['started', outcome.startedAt],
    ['saved', outcome.savedAt],
    ['workflow', outcome.workflowId],
    ['run', outcome.runId],
  ].filter(([, text]) => text);
  return [
    `${callSid}: ${status ?? 'no final status'}`,
    ...lines.map(([name = '', text]) => `  ${name.padEnd(9)}  ${text}`),
  ].join('\n');
}

/** As that of `status` and `monitor`. */
function exitCodeOf({ status }: StoredOutcome): ExitCode {
  if (status === undefined) return EXIT_CODES.monitorFailed;
  return status === 'success' ? EXIT_CODES.done : EXIT_CODES.callFailed;
}
