import { Context, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

import type { GetStatusFailureDetails, GetStatusInput, PollReport } from '../contract/get-status.js';
import { mergeStatusChanges } from '../contract/observation.js';
import { type OutcomeRecord, type StoredOutcome, toOutcomeRecord } from '../contract/outcome.js';
import { SAVE_OUTCOME_TIMEOUTS } from '../contract/pacing.js';
import type { OutcomeStore } from '../outcomes/store.js';
import { untilAborted, withTimeout } from '../platform/abortable.js';
import { errorMessage } from '../platform/error-message.js';
import { plainText } from '../platform/plain-text.js';
import { accountLabel, counter } from './metrics.js';

/** A slower store is left to `saveOutcome`, so that callers of the monitor need not wait for it. */
const STORE_TIMEOUT_MS = 3_000;

/** How `getStatus` uses the outcome store, if there is one. */
export class OutcomeSaver {
  constructor(private readonly store: OutcomeStore | undefined) {}

  /**
   * Saves the outcome of a call that has ended, inside `getStatus`, so that it adds no history event.
   *
   * @returns whether it is saved; if not and there is a store, the monitor calls `saveOutcome`
   */
  async save(context: Context, input: GetStatusInput, report: PollReport): Promise<boolean> {
    const { callSid, account, known } = input;
    const { workflowExecution: execution } = context.info;
    if (!this.store || !known || !execution) return false;
    const outcome = toOutcomeRecord({
      callSid,
      account,
      execution,
      startedAt: known.startedAt,
      polls: known.polls + report.polls,
      timeline: mergeStatusChanges(known.timeline, report.changes ?? []),
      lastObservation: report.observation,
    });
    if (!outcome) return false;
    try {
      await withTimeout(STORE_TIMEOUT_MS, this.store.save(outcome));
      countSave(context, outcome, 'ok');
      return true;
    } catch (error) {
      countSave(context, outcome, 'failed');
      context.log.warn('outcome not saved yet: the monitor calls saveOutcome', { problem: problemOf(error) });
      return false;
    }
  }

  /**
   * Finds the terminal status that an earlier monitor of the call saved.
   *
   * @throws the store's error, or that it gave no answer in time
   */
  async find(callSid: string): Promise<StoredOutcome | undefined> {
    if (!this.store) return undefined;
    const stored = await withTimeout(STORE_TIMEOUT_MS, this.store.get(callSid));
    return stored?.status && stored;
  }
}

/** Result of the activity `saveOutcome`. */
export interface SaveOutcomeResult {
  /** `false` when this worker has no outcome store. */
  readonly isSaved: boolean;
}

/** Creates the activity `saveOutcome`, for an outcome that `getStatus` did not save. Idempotent by call SID. */
export function createSaveOutcome(outcomes: OutcomeStore | undefined) {
  return async function saveOutcome(outcome: OutcomeRecord): Promise<SaveOutcomeResult> {
    if (!outcomes) {
      log.warn('outcome not saved: this worker has no outcome store', { callSid: outcome.callSid });
      return { isSaved: false };
    }
    const context = Context.current();
    try {
      await saveInTime(outcomes.save(outcome), context.cancellationSignal);
      countSave(context, outcome, 'ok');
      return { isSaved: true };
    } catch (error) {
      countSave(context, outcome, 'failed');
      throw storeFailure('the outcome could not be saved', error);
    }
  };
}

function countSave(
  { metricMeter }: Context,
  { account }: Pick<OutcomeRecord, 'account'>,
  result: 'ok' | 'failed',
): void {
  counter(metricMeter, 'polyai_outcome_saves').add(1, { account: accountLabel(account), result });
}

/** A store that never settles must neither occupy the activity slot for ever nor keep its worker from shutting down. */
async function saveInTime(save: Promise<StoredOutcome>, cancellation: AbortSignal): Promise<void> {
  const { storeMs, shutdownMs } = SAVE_OUTCOME_TIMEOUTS;
  const afterShutdown = untilAborted(cancellation).then(() => withTimeout(shutdownMs, save));
  afterShutdown.catch(() => undefined);
  await withTimeout(storeMs, Promise.race([save, afterShutdown]));
}

/** A failure of the outcome store, which Temporal retries. */
export function storeFailure(message: string, error: unknown, details?: GetStatusFailureDetails): ApplicationFailure {
  const text = `${message}: ${problemOf(error)}`;
  return ApplicationFailure.retryable(text, 'OutcomeStoreUnavailable', ...(details ? [details] : []));
}

/** A store of one's own may say anything. */
function problemOf(error: unknown): string {
  return plainText(errorMessage(error));
}
