import type { Context } from '@temporalio/activity';

import { classifyCallStatus } from '../contract/call.js';
import { isRetryableFailureType } from '../contract/failures.js';
import type { LongPollRequest } from '../contract/get-status.js';
import type { CallObservation } from '../contract/observation.js';
import { onAbort } from '../platform/abortable.js';
import { PolyAiError } from '../polyai/errors.js';
import type { RequestOptions } from '../polyai/options.js';
import { isWorkerShutdown } from './activity-context.js';
import { HeartbeatScheduler, longPollHeartbeatMs } from './heartbeat-scheduler.js';
import { longPollMs, OVERDUE_MS, recoveryMs, waitAfterFailureMs, waitAfterObservationMs } from './long-poll-timing.js';
import { pollRepeatedly } from './poll-loop.js';
import type { PollProgressRecorder } from './poll-progress.js';
import type { StatusReporter } from './status-reporter.js';

/** A long poll with this many status changes returns them, so that its heartbeats stay small. */
const MAX_CHANGES = 20;

/** Why a long poll ends although there is nothing to report. */
type EndReason = 'worker-shutdown' | 'evicted' | 'superseded';

/**
 * Who is evicted first: a long poll that waits out an error (0), one that waits for its next poll (1), one whose request is
 * under way (2), one that has had no answer at all (3).
 */
export type EvictionRank = 0 | 1 | 2 | 3;

/** How long a new long poll may wait for its first answer before it can be evicted. */
const UNANSWERED_MS = 5_000;

interface LongPollOptions {
  readonly context: Context;
  readonly hold: LongPollRequest;
  readonly recorder: PollProgressRecorder;
  /** Whether the workflow learns a status change by the result only; see `GetStatusInput.reportAs`. */
  readonly returnsOnChange: boolean;
  readonly reporter: StatusReporter;
  /** Whether requests of the account are throttled. */
  readonly isThrottled: () => boolean;
  /** Polls once. */
  readonly observe: (options: RequestOptions) => Promise<CallObservation>;
  /** The clock, in epoch milliseconds. */
  readonly now: () => number;
}

/** Polls one call at the interval, inside one activity, until there is something to return. */
export class LongPoll {
  readonly #abort = new AbortController();
  readonly #heartbeat: HeartbeatScheduler;
  /** By `performance.now()`. */
  #endsAtMs: number;
  #endedBy: EndReason | undefined;
  /** By `performance.now()`. */
  readonly #startedAtMs = performance.now();
  #onFirstAnswer: (() => void) | undefined;
  #hasObserved = false;
  /** The error of the last poll, if it failed. */
  #lastError: PolyAiError | undefined;
  #isWaiting = false;
  /** By `performance.now()`. */
  #nextPollAtMs = 0;
  #isRecovering = false;
  /** Failed polls in a row, in earlier attempts too, as far as Temporal counts them. */
  #failures: number;

  constructor(private readonly options: LongPollOptions) {
    const { context, hold, recorder } = options;
    this.#failures = context.info.attempt - 1;
    this.#endsAtMs = performance.now() + longPollMs(hold, context);
    this.#heartbeat = new HeartbeatScheduler(() => context.heartbeat(recorder.progress), longPollHeartbeatMs);
  }

  /** Set when `end` was called. */
  get endedBy(): EndReason | undefined {
    return this.#endedBy;
  }

  /** `undefined` for a short time after the start: its first request may be answered at once, unless requests are throttled. */
  get evictionRank(): EvictionRank | undefined {
    if (this.#isWaiting) return this.#lastError ? 0 : 1;
    if (this.#hasObserved || this.#lastError) return 2;
    const graceMs = this.options.isThrottled() ? 0 : UNANSWERED_MS;
    return performance.now() - this.#startedAtMs < graceMs ? undefined : 3;
  }

  /** Ends the long poll now, including a request that is under way. */
  end(reason: EndReason): void {
    this.#endedBy ??= reason;
    this.#abort.abort(reason);
  }

  /**
   * Polls until there is something to return, which the recorder then has.
   *
   * @throws {PolyAiError} an error that is not retried in place
   * @throws {CancelledFailure} on cancellation
   */
  async run(onFirstAnswer: () => void): Promise<void> {
    const { cancellationSignal } = this.options.context;
    const stopListening = onAbort(cancellationSignal, () => this.#onCancelled(cancellationSignal.reason));
    const overdueMs = Math.max(0, this.#endsAtMs - performance.now()) + OVERDUE_MS;
    const overdue = setTimeout(() => this.#abort.abort(overdueError()), overdueMs);
    this.#onFirstAnswer = onFirstAnswer;
    try {
      await pollRepeatedly({
        poll: () => this.#pollOnce(),
        onWait: () => this.#beginWait(),
        signal: this.#abort.signal,
      });
    } catch (error) {
      if (this.#endedBy === undefined || error !== this.#endedBy) throw error;
      if (error === 'evicted') this.#failIfThereIsNothingToReturn();
    } finally {
      stopListening();
      clearTimeout(overdue);
      this.#heartbeat.stop();
    }
  }

  /** Temporal's retries cost no events, unlike a result and the next long poll. The next attempt begins when the next poll was due. */
  #failIfThereIsNothingToReturn(): void {
    if (this.#lastError) {
      const retryAfterMs = Math.max(0, Math.round(this.#nextPollAtMs - performance.now()));
      throw this.#lastError.with({ retryAfterMs });
    }
    if (!this.#hasObserved) throw unansweredError();
  }

  #beginWait(): void {
    this.#isWaiting = true;
    this.#onFirstAnswer?.();
    this.#onFirstAnswer = undefined;
  }

  /** @returns how long to wait before the next poll; `undefined` when there is something to return */
  async #pollOnce(): Promise<number | undefined> {
    this.#isWaiting = false;
    const error = await this.#observe();
    if (!error && this.#hasSomethingToReturn()) return undefined;
    this.options.reporter.reportChange();
    if (error && !this.#retriesInPlace(error)) throw error;
    const waitMs = error ? waitAfterFailureMs(error, this.#failures) : waitAfterObservationMs(this.options.hold);
    this.#nextPollAtMs = performance.now() + waitMs;
    if (this.#nextPollAtMs < this.#endsAtMs) return waitMs;
    // The workflow waits out the rest, or Temporal does before the next attempt.
    if (error) throw error;
    return undefined;
  }

  /** Polls once and records what comes of it. */
  async #observe(): Promise<PolyAiError | undefined> {
    const { observe, recorder, now } = this.options;
    try {
      const maxWaitMs = Math.max(0, this.#endsAtMs - performance.now());
      recorder.recordObservation(await observe({ signal: this.#abort.signal, maxWaitMs }));
      this.#failures = 0;
      this.#lastError = undefined;
      this.#hasObserved = true;
      return undefined;
    } catch (error) {
      if (!(error instanceof PolyAiError)) throw error;
      this.#failures += 1;
      this.#lastError = error;
      recorder.recordFailure(error, new Date(now()).toISOString());
      return error;
    }
  }

  /** Whether the last observation is something to return. */
  #hasSomethingToReturn(): boolean {
    const { context, hold, recorder, returnsOnChange } = this.options;
    const { status } = recorder.observation!;
    const { kind } = classifyCallStatus(status);
    if (kind === 'terminal') return true;
    const isChange = status !== hold.knownStatus;
    if (returnsOnChange && isChange && (hold.knownStatus !== undefined || kind === 'unknown')) return true;
    if (context.info.attempt > 1) return this.#returnsAfterRetry();
    return recorder.progress.changes.length >= MAX_CHANGES;
  }

  /**
   * The Web UI shows a second attempt as failing for as long as it runs, so it returns after its first observation; after
   * widespread errors, some time later.
   */
  #returnsAfterRetry(): boolean {
    if (!this.#isRecovering && !this.options.isThrottled()) return true;
    if (!this.#isRecovering) this.#endsAtMs = Math.min(this.#endsAtMs, performance.now() + recoveryMs());
    this.#isRecovering = true;
    return false;
  }

  /**
   * Transient errors are retried in place once the call has been observed. Before that the attempt fails, so that Temporal's
   * retry policy and the Web UI show it.
   */
  #retriesInPlace({ kind }: PolyAiError): boolean {
    const { recorder, hold } = this.options;
    const isObserved = recorder.observation !== undefined || hold.knownStatus !== undefined;
    return isObserved && isRetryableFailureType(kind);
  }

  #onCancelled(reason: unknown): void {
    if (isWorkerShutdown(reason)) this.end('worker-shutdown');
    else this.#abort.abort(reason);
  }
}

/** For a long poll that makes room for others before its first answer. */
function unansweredError(): PolyAiError {
  const message = 'not polled yet: the worker has more calls than it can poll at once (POLYAI_CALLS_AT_ONCE)';
  return new PolyAiError(message, { kind: 'PolyAiUnavailable', notSent: true });
}

/** For a request that does not even time out, for example because the token function never settles. */
function overdueError(): PolyAiError {
  return new PolyAiError('PolyAI is unavailable: a request did not end with its long poll', {
    kind: 'PolyAiUnavailable',
  });
}
