import type { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';

import { classifyCallStatus } from '../contract/call.js';
import { isRetryableFailureType } from '../contract/failures.js';
import type { LongPollRequest, PollReport } from '../contract/get-status.js';
import type { CallObservation } from '../contract/observation.js';
import {
  backoffMs,
  GET_STATUS_TIMEOUTS,
  jitter,
  MAX_REQUEST_TIMEOUT_MS,
  MAX_RETRY_AFTER_MS,
  MIN_POLL_INTERVAL_MS,
} from '../contract/pacing.js';
import { onAbort } from '../platform/abortable.js';
import { PolyAiError } from '../polyai/errors.js';
import type { RequestOptions } from '../polyai/options.js';
import { HeartbeatScheduler, longPollHeartbeatMs } from './heartbeat-scheduler.js';
import type { PollProgressRecorder } from './poll-progress.js';
import type { StatusReporter } from './status-reporter.js';

/** Share of the hold time by which a long poll may be shorter, so that calls that began together do not return together. */
const HOLD_SPREAD = 0.2;

/** After widespread errors, the long polls that failed return within this time, spread at random. */
const RECOVERY_MS = 30_000;

/** A long poll with this many status changes returns them, so that its heartbeats stay small. */
const MAX_CHANGES = 20;

/** Kept free before the schedule-to-close timeout: a long poll that returns loses nothing, one that times out does. */
const RESERVED_MS = GET_STATUS_TIMEOUTS.startToCloseMs;

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
  #lastReport: PollReport | undefined;
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
    const forMs = hold.forMs * (1 - HOLD_SPREAD * Math.random());
    this.#endsAtMs = performance.now() + Math.min(forMs, timeLeftMs(context));
    this.#heartbeat = new HeartbeatScheduler(() => context.heartbeat(recorder.progress), longPollHeartbeatMs);
  }

  /** Set when `end` was called. */
  get endedBy(): EndReason | undefined {
    return this.#endedBy;
  }

  /** What the monitor was told when it had abandoned the long poll. */
  get lastReport(): PollReport | undefined {
    return this.#lastReport;
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
    const overdueMs = this.#endsAtMs - performance.now() + MAX_REQUEST_TIMEOUT_MS + 2_000;
    const overdue = setTimeout(() => this.#abort.abort(overdueError()), overdueMs);
    this.#onFirstAnswer = onFirstAnswer;
    try {
      await this.#pollRepeatedly();
    } catch (error) {
      const isAbandoned = error === 'superseded' || error instanceof CancelledFailure;
      if (isAbandoned) this.#lastReport = await this.options.reporter.reportAbandoned();
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

  /** A worker runs thousands of long polls, and most of the time they wait. To save memory, only a timer lives through a wait. */
  async #pollRepeatedly(): Promise<void> {
    const { signal } = this.#abort;
    let timer: NodeJS.Timeout | undefined;
    let stopListening: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const poll = (): void => {
          timer = undefined;
          this.#isWaiting = false;
          this.#pollOnce().then(afterPoll, reject);
        };
        const afterPoll = (waitMs: number | undefined): void => {
          if (waitMs === undefined) resolve();
          else if (signal.aborted) reject(signal.reason as Error);
          else {
            timer = this.#wait(poll, waitMs);
            this.#announceFirstAnswer();
          }
        };
        // A request that is under way is aborted by the signal itself.
        stopListening = onAbort(signal, () => timer && reject(signal.reason as Error));
        poll();
      });
    } finally {
      clearTimeout(timer);
      stopListening?.();
    }
  }

  #wait(poll: () => void, waitMs: number): NodeJS.Timeout {
    this.#isWaiting = true;
    return setTimeout(poll, waitMs);
  }

  #announceFirstAnswer(): void {
    this.#onFirstAnswer?.();
    this.#onFirstAnswer = undefined;
  }

  /** @returns how long to wait before the next poll; `undefined` when there is something to return */
  async #pollOnce(): Promise<number | undefined> {
    const error = await this.#observe();
    if (!error && this.#hasSomethingToReturn()) return undefined;
    this.options.reporter.reportChange();
    if (error && !this.#retriesInPlace(error)) throw error;
    const waitMs = this.#waitMs(error);
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
   * The Web UI shows a second attempt as failing for as long as it runs, so it returns after its first observation. After
   * widespread errors the long polls do so at random times within `RECOVERY_MS`, to spread the load on the server.
   */
  #returnsAfterRetry(): boolean {
    if (!this.#isRecovering && !this.options.isThrottled()) return true;
    if (!this.#isRecovering) this.#endsAtMs = Math.min(this.#endsAtMs, performance.now() + Math.random() * RECOVERY_MS);
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

  #waitMs(error: PolyAiError | undefined): number {
    if (!error) return jitter(Math.max(this.options.hold.intervalMs, MIN_POLL_INTERVAL_MS), Math.random());
    // The request has waited for the limiter already.
    if (error.notSent) return 0;
    const retryAfterMs = Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    return Math.max(jitter(backoffMs(this.#failures), Math.random()), retryAfterMs);
  }

  #onCancelled(reason: unknown): void {
    if (isWorkerShutdown(reason)) this.end('worker-shutdown');
    else this.#abort.abort(reason);
  }
}

/** Whether the reason of a cancellation is the shutdown of the worker, and not a cancellation by the server. */
export function isWorkerShutdown(reason: unknown): boolean {
  return reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';
}

/**
 * What earlier attempts have left of the schedule-to-close timeout. Both times are the server's: the difference to this
 * worker's clock says nothing. How long this attempt was queued is not known; the server enforces the timeout.
 */
function timeLeftMs({ info }: Context): number {
  const { scheduleToCloseTimeoutMs, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = info;
  if (!scheduleToCloseTimeoutMs) return Infinity;
  const spentMs = Math.max(0, currentAttemptScheduledTimestampMs - scheduledTimestampMs);
  return scheduleToCloseTimeoutMs - spentMs - RESERVED_MS;
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
