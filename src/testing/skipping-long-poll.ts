import type { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

import type { PolyAiActivities } from '../activities/create-activities.js';
import { longPollMs } from '../activities/long-poll-timing.js';
import { classifyCallStatus } from '../contract/call.js';
import { formatDuration } from '../contract/duration.js';
import type {
  GetStatusFailureDetails,
  GetStatusInput,
  GetStatusResult,
  KnownCall,
  LongPollRequest,
  StatusReport,
} from '../contract/get-status.js';
import { REPORT_STATUS_SIGNAL_NAME } from '../contract/names.js';
import { type CallObservation, mergeStatusChanges, type StatusChange } from '../contract/observation.js';
import { retryWaitMs } from '../contract/pacing.js';
import type { SimulatorState } from '../simulator/state.js';
import { QuietPolls } from './quiet-polls.js';

interface SkippingLongPollOptions {
  /** The real activity, for single polls. */
  readonly poll: PolyAiActivities['getStatus'];
  /** Its clock is at the server's time when an attempt begins. */
  readonly simulator: SimulatorState;
  readonly input: GetStatusInput;
  readonly context: Context;
  /** Polls of the long poll before it that the monitor does not know of. */
  readonly earlierPolls: number;
}

/**
 * A `getStatus` as a series of attempts, each with one poll that may change something. The server waits between them
 * (`nextRetryDelay`), and skips the wait, because no activity runs. The workflow gets the same reports as from a real long poll.
 */
export class SkippingLongPoll {
  readonly #input: Omit<GetStatusInput, 'hold'>;
  /** `undefined` for a single poll. */
  readonly #hold: LongPollRequest | undefined;
  /** When a long poll ends, epoch milliseconds of the server's clock. */
  readonly #endsAtMs: number;
  #polls: number;
  #reportedPolls = 0;
  #changes: readonly StatusChange[] = [];
  /** The last status that the workflow knows. */
  #knownStatus: string | undefined;
  #quiet: QuietPolls | undefined;
  /** Failed polls in a row. */
  #failures = 0;
  /** An attempt has failed with an error of the API. */
  #isRetry = false;

  constructor(private readonly options: SkippingLongPollOptions) {
    const { input, context, simulator, earlierPolls } = options;
    const { hold, ...rest } = input;
    this.#input = rest;
    this.#hold = hold;
    this.#endsAtMs = simulator.clock.now() + (hold ? longPollMs(hold, context) : 0);
    this.#knownStatus = hold?.knownStatus;
    this.#polls = earlierPolls;
  }

  /** Polls that the workflow has not been told of. */
  get unreportedPolls(): number {
    return this.#polls - this.#reportedPolls;
  }

  /** Counts those that were due since the last attempt. */
  countQuietPolls(): void {
    this.#polls += this.#quiet?.record() ?? 0;
    this.#quiet = undefined;
  }

  /** @throws ApplicationFailure also while there is nothing to return */
  async attempt(context: Context): Promise<GetStatusResult> {
    const result = await this.#poll(context);
    const { observation } = result;
    const hold = this.#hold;
    // As a long poll does after an attempt that failed.
    const isOver = this.#isRetry || !observation || classifyCallStatus(observation.status).kind === 'terminal';
    if (!hold || isOver) return result;
    await this.#report(context, { ...result, observation });
    this.#quiet = new QuietPolls(this.options.simulator, this.#input.callSid, { hold, endsAtMs: this.#endsAtMs });
    const { nextAtMs } = this.#quiet;
    if (nextAtMs === undefined) return result;
    throw nothingNew(nextAtMs - this.options.simulator.clock.now());
  }

  async #poll({ info }: Context): Promise<GetStatusResult> {
    const { known } = this.#input;
    // What an abandoned long poll counted is counted here, so the real activity must not report its last attempt.
    const input = { ...this.#input, known: known && this.#add(known, info.attempt), followsAbandoned: undefined };
    this.#polls += 1;
    const polled = await this.options.poll(input).catch((error: unknown) => {
      throw this.#afterFailure(error);
    });
    this.#failures = 0;
    const { observation, changes = observation && [changeTo(observation)] } = polled;
    this.#changes = mergeStatusChanges(this.#changes, changes ?? []);
    return { ...polled, polls: this.#polls, changes: this.#changes };
  }

  /** What the workflow will know, for the outcome that the real activity saves. That counts a poll for each earlier attempt. */
  #add(known: KnownCall, attempt: number): KnownCall {
    const answeredAt = this.#changes.at(-1)?.at ?? known.answeredAt;
    return {
      ...known,
      polls: known.polls + this.#polls - (attempt - 1),
      timeline: mergeStatusChanges(known.timeline, this.#changes),
      ...(answeredAt !== undefined && { answeredAt }),
    };
  }

  async #report({ client, info }: Context, result: GetStatusResult & { observation: CallObservation }): Promise<void> {
    const { reportAs } = this.#input;
    const { status } = result.observation;
    if (reportAs === undefined || status === this.#knownStatus || !info.workflowExecution) return;
    const { workflowId, runId } = info.workflowExecution;
    const report: StatusReport = { ...result, changes: this.#changes, reportAs };
    await client.workflow.getHandle(workflowId, runId).signal(REPORT_STATUS_SIGNAL_NAME, report);
    this.#knownStatus = status;
    this.#reportedPolls = this.#polls;
  }

  /** As a long poll does: an error before the first observation is left to Temporal's retry policy. */
  #afterFailure(error: unknown): unknown {
    if (!(error instanceof ApplicationFailure)) return error;
    this.#failures += 1;
    const { type, message, nonRetryable, category } = error;
    const [known] = (error.details ?? []) as [GetStatusFailureDetails?];
    const details = known && [{ ...known, polls: this.#polls }];
    const isRetriedInPlace = !nonRetryable && this.#knownStatus !== undefined;
    this.#isRetry ||= !isRetriedInPlace;
    const waitMs = retryWaitMs(this.#failures, Math.random(), known?.retryAfterMs);
    const nextRetryDelay = isRetriedInPlace ? waitMs : error.nextRetryDelay;
    return new ApplicationFailure(message, type, nonRetryable, details, undefined, nextRetryDelay, category);
  }
}

function changeTo({ status, observedAt: at }: CallObservation): StatusChange {
  return { status, at };
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
