import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

import type { PolyAiActivities } from '../activities/create-activities.js';
import { classifyCallStatus } from '../contract/call.js';
import { formatDuration } from '../contract/duration.js';
import type { GetStatusFailureDetails, GetStatusInput, GetStatusResult } from '../contract/get-status.js';
import { backoffMs, jitter } from '../contract/pacing.js';

type GetStatus = PolyAiActivities['getStatus'];

/** What a long poll remembers from one attempt to the next. Times are epoch milliseconds of the server's clock. */
interface LongPollState {
  endsAtMs: number;
  /** Status requests made since the workflow last got a report. */
  polls: number;
  /** Failed polls in a row. */
  failures: number;
  status: string | undefined;
}

/**
 * `getStatus` for a server that skips time, which it does while no activity runs: a long poll is a series of attempts, each
 * makes one poll, and the waits between them are the server's (`nextRetryDelay`). It reports each change of status.
 */
export class SkippingGetStatus {
  readonly #states = new Map<string, LongPollState>();

  /**
   * @param poll the real activity
   * @param now the server's time when it last answered a status request
   */
  constructor(
    private readonly poll: GetStatus,
    private readonly now: () => number,
  ) {}

  async run(input: GetStatusInput): Promise<GetStatusResult> {
    const { info } = Context.current();
    const key = `${info.workflowExecution?.runId ?? ''}/${input.callSid}`;
    // What a nudged long poll counted is left for the next one.
    const { polls } = this.#states.get(key) ?? { polls: 0 };
    const isFirst = info.attempt === 1;
    const state = isFirst ? this.#begin(input, polls) : (this.#states.get(key) ?? this.#begin(input, polls));
    this.#states.set(key, state);
    try {
      const result = await this.#pollOnce(input, state);
      this.#states.delete(key);
      return { ...result, polls: state.polls };
    } catch (error) {
      if (error instanceof ApplicationFailure && error.nonRetryable) this.#states.delete(key);
      throw error;
    }
  }

  #begin({ hold }: GetStatusInput, polls: number): LongPollState {
    return { endsAtMs: this.now() + (hold?.forMs ?? 0), polls, failures: 0, status: hold?.knownStatus };
  }

  /** @throws ApplicationFailure also while there is nothing to report */
  async #pollOnce({ hold, ...singlePoll }: GetStatusInput, state: LongPollState): Promise<GetStatusResult> {
    state.polls += 1;
    const result = await this.poll(singlePoll).catch((error: unknown) => {
      throw this.#afterFailure(error, state);
    });
    state.failures = 0;
    const status = result.observation?.status ?? '';
    const waitMs = jitter(hold?.intervalMs ?? 0, Math.random());
    const isNews = status !== state.status || classifyCallStatus(status).kind === 'terminal';
    if (!hold || isNews || this.now() + waitMs >= state.endsAtMs) return result;
    throw nothingNew(waitMs);
  }

  /** As a long poll does: an error before the first observation is left to Temporal's retry policy. */
  #afterFailure(error: unknown, state: LongPollState): unknown {
    if (!(error instanceof ApplicationFailure)) return error;
    state.failures += 1;
    const { type, message, nonRetryable, category } = error;
    const [known] = (error.details ?? []) as [GetStatusFailureDetails?];
    const details = known && [{ ...known, polls: state.polls }];
    const isRetriedInPlace = !nonRetryable && state.status !== undefined;
    const waitMs = Math.max(jitter(backoffMs(state.failures), Math.random()), known?.retryAfterMs ?? 0);
    const nextRetryDelay = isRetriedInPlace ? waitMs : error.nextRetryDelay;
    return new ApplicationFailure(message, type, nonRetryable, details, undefined, nextRetryDelay, category);
  }
}

/** Not an error: Temporal starts the next attempt when the next poll is due, and skips the time until then. */
function nothingNew(waitMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'LongPollContinues',
    message: `nothing new; the next poll is due in ${formatDuration(waitMs)}`,
    nextRetryDelay: waitMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}
