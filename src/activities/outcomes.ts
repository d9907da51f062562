import { Context, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

import type { GetStatusFailureDetails, GetStatusInput, PollReport } from '../contract/get-status.js';
import { mergeStatusChanges } from '../contract/observation.js';
import { type OutcomeRecord, type StoredOutcome, toOutcomeRecord } from '../contract/outcome.js';
import { SAVE_OUTCOME_TIMEOUTS } from '../contract/pacing.js';
import type { OutcomeStore } from '../outcomes/store.js';
import { onAbort, raceAbort, timeoutError, withTimeoutSignal } from '../platform/abortable.js';
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
    const { store } = this;
    if (!store || !known || !execution) return false;
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
      await this.#inTime((signal) => store.save(outcome, { signal }));
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
    const { store } = this;
    if (!store) return undefined;
    const stored = await this.#inTime((signal) => store.get(callSid, { signal }));
    return stored?.status && stored;
  }

  async #inTime<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await withTimeoutSignal(STORE_TIMEOUT_MS, (signal) => raceAbort(request(signal), signal));
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
      await saveInTime((signal) => outcomes.save(outcome, { signal }), context.cancellationSignal);
      countSave(context, outcome, 'ok');
      countWithoutStatus(context, outcome);
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

/** A monitor that ended without a terminal status; `getStatus` counts the others. */
function countWithoutStatus({ metricMeter }: Context, { account, status }: OutcomeRecord): void {
  if (status !== undefined) return;
  counter(metricMeter, 'polyai_outcomes').add(1, { account: accountLabel(account), status: 'none' });
}

/** A store that never settles must neither occupy the activity slot for ever nor keep its worker from shutting down. */
async function saveInTime(save: (signal: AbortSignal) => Promise<unknown>, cancellation: AbortSignal): Promise<void> {
  const { storeMs, shutdownMs } = SAVE_OUTCOME_TIMEOUTS;
  const shutDown = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stopListening = onAbort(cancellation, () => {
    timer = setTimeout(() => shutDown.abort(timeoutError(shutdownMs)), shutdownMs);
  });
  const work = (signal: AbortSignal): Promise<unknown> => raceAbort(save(signal), signal);
  await withTimeoutSignal(storeMs, work, shutDown.signal).finally(() => {
    clearTimeout(timer);
    stopListening();
  });
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
