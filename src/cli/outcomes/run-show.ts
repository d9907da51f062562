import { CliError } from '../cli-error.js';
import type { ExitCode } from '../exit-codes.js';
import { exitCodeOf, renderOutcome } from './render-outcome.js';
import { withOutcomeStore } from './with-outcome-store.js';

export interface RunShowOptions {
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
