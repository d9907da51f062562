import { type Context, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

import type { GetStatusFailureDetails, KnownCall } from '../contract/get-status.js';
import { mergeStatusChanges } from '../contract/observation.js';
import { type OutcomeRecord, toOutcomeRecord, type StoredOutcome } from '../contract/outcome.js';
import type { OutcomeStore } from '../outcomes/store.js';
import { withTimeout } from '../platform/abortable.js';
import { errorMessage } from '../platform/error-message.js';
import type { HoldRecord } from './poll-progress.js';

/** A store that takes longer is left to `saveOutcome`: whoever waits for the call is not to wait for the store here. */
const SAVE_TIMEOUT_MS = 3_000;

interface SeenCall {
  readonly callSid: string;
  readonly account?: string | undefined;
  readonly known: KnownCall | undefined;
  readonly record: HoldRecord;
}

/** What `getStatus` does with the outcome store, if there is one. */
export class OutcomeKeeper {
  constructor(private readonly store: OutcomeStore | undefined) {}

  get isOn(): boolean {
    return this.store !== undefined;
  }

  /**
   * Saves the outcome of a call that has ended, for the price of no event.
   *
   * @returns whether it is saved; where it is not and there is a store, the monitor has it saved
   */
  async keep(context: Context, call: SeenCall): Promise<boolean> {
    const outcome = outcomeSeen(context, call);
    if (!this.store || !outcome) return false;
    try {
      await withTimeout(SAVE_TIMEOUT_MS, this.store.save(outcome));
      return true;
    } catch (error) {
      context.log.warn('outcome not saved yet: the monitor has it saved', { problem: errorMessage(error) });
      return false;
    }
  }

  /**
   * The final status of a call that the API does not know, from a monitor long ago.
   *
   * @throws what the store throws, or that it gave no answer
   */
  async recall(callSid: string): Promise<StoredOutcome | undefined> {
    if (!this.store) return undefined;
    const stored = await withTimeout(SAVE_TIMEOUT_MS, this.store.get(callSid));
    return stored?.status && stored;
  }
}

function outcomeSeen({ info }: Context, { callSid, account, known, record }: SeenCall) {
  if (!known || !info.workflowExecution) return undefined;
  return toOutcomeRecord({
    ...{ callSid, account, execution: info.workflowExecution, startedAt: known.startedAt },
    polls: known.polls + record.polls,
    timeline: mergeStatusChanges(known.timeline, record.changes),
    lastObservation: record.observation,
  });
}

/** Result of the activity `saveOutcome`. */
export interface SaveOutcomeResult {
  /** `false` where this worker keeps no outcomes. */
  readonly isSaved: boolean;
}

/** Makes the activity `saveOutcome`: keeps an outcome that `getStatus` has not kept itself. Idempotent by call SID. */
export function createSaveOutcome(outcomes: OutcomeStore | undefined) {
  return async function saveOutcome(outcome: OutcomeRecord): Promise<SaveOutcomeResult> {
    if (!outcomes) {
      log.warn('outcome not kept: this worker has no outcome store', { callSid: outcome.callSid });
      return { isSaved: false };
    }
    try {
      await outcomes.save(outcome);
      return { isSaved: true };
    } catch (error) {
      throw storeFailure('the outcome could not be saved', error);
    }
  };
}

/** A failure of the outcome store, which Temporal retries. */
export function storeFailure(what: string, error: unknown, details?: GetStatusFailureDetails): ApplicationFailure {
  const message = `${what}: ${errorMessage(error)}`;
  return ApplicationFailure.retryable(message, 'OutcomeStoreUnavailable', ...(details ? [details] : []));
}
