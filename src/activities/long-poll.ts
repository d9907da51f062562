import type { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';

import { classifyCallStatus } from '../contract/call.js';
import { isRetryableFailureType } from '../contract/failures.js';
import type { LongPollRequest } from '../contract/get-status.js';
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
import { SparseHeartbeat } from './heartbeats.js';
import { type HoldRecord, MAX_HELD_CHANGES } from './poll-progress.js';

/** Share of its length by which a hold may be shorter, so that calls begun at once do not return at once. */
const HOLD_SPREAD = 0.2;

/** Within this time after a wide outage all calls that failed look healthy again. */
const RECOVERY_MS = 30_000;

/** Why a hold ends although its call goes on: nothing of the call's doing. */
type HoldEnd = 'handed back' | 'superseded' | 'made room';

interface HeldCallOptions {
  readonly context: Context;
  readonly hold: LongPollRequest;
  readonly record: HoldRecord;
  /** Whether each change of the status is to end the hold, the first status too. */
  readonly endsOnChange: boolean;
  /** Whether many calls are in trouble, or have just been. */
  readonly isTroubleWide: () => boolean;
  /** Whether so many calls are held that news is to wait for the next regular heartbeat. */
  readonly isCrowded: () => boolean;
  readonly observe: (options: RequestOptions) => Promise<CallObservation>;
  readonly now: () => number;
}

/** One call that one activity polls at the interval until there is something to return. */
export class HeldCall {
  readonly #ending = new AbortController();
  readonly #heartbeat: SparseHeartbeat;
  #endsAt: number;
  #endedBy: HoldEnd | undefined;
  #onFirstAnswer: (() => void) | undefined;
  #hasAnswer = false;
  #isRecovering = false;
  #failures = 0;

  constructor(private readonly options: HeldCallOptions) {
    const { context, hold, record } = options;
    const forMs = hold.forMs * (1 - HOLD_SPREAD * Math.random());
    this.#endsAt = performance.now() + Math.min(forMs, timeLeftMs(context));
    this.#heartbeat = new SparseHeartbeat(() => context.heartbeat(record.progress));
  }

  get record(): HoldRecord {
    return this.options.record;
  }

  get endedBy(): HoldEnd | undefined {
    return this.#endedBy;
  }

  /** Whether the API has given this attempt a status. */
  get hasAnswer(): boolean {
    return this.#hasAnswer;
  }

  /** Ends the hold now, a request that is under way included. */
  end(reason: HoldEnd): void {
    this.#endedBy ??= reason;
    this.#ending.abort(reason);
  }

  /**
   * Polls until there is something to return, which is then in the record.
   *
   * @param onFirstAnswer called with the first good answer
   * @throws {PolyAiError} what the API answered, when that is not for the hold to sit out
   * @throws {CancelledFailure} on cancellation
   */
  async run(onFirstAnswer: () => void): Promise<void> {
    const { cancellationSignal: signal } = this.options.context;
    const stopListening = onAbort(signal, () => this.#onCancelled(signal.reason));
    const overdueMs = this.#endsAt - performance.now() + MAX_REQUEST_TIMEOUT_MS + 2_000;
    const overdue = setTimeout(() => this.#ending.abort(stuck()), overdueMs);
    try {
      if (signal.aborted) this.#onCancelled(signal.reason);
      this.#onFirstAnswer = onFirstAnswer;
      await this.#pollInTurns();
    } catch (error) {
      if (this.#endedBy === undefined || error !== this.#endedBy) throw error;
    } finally {
      stopListening();
      clearTimeout(overdue);
      this.#heartbeat.stop();
    }
  }

  /** Thousands of calls rest at a time, most of their lives: no promise lives through a rest, only a timer does. */
  async #pollInTurns(): Promise<void> {
    const { signal } = this.#ending;
    let rest: NodeJS.Timeout | undefined;
    let stopListening: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const turn = (): void => {
          rest = undefined;
          this.#pollOnce().then(afterwards, reject);
        };
        const afterwards = (restMs: number | undefined): void => {
          if (restMs === undefined) resolve();
          else if (signal.aborted) reject(signal.reason as Error);
          else rest = setTimeout(turn, restMs);
        };
        // A request that is under way ends by the signal itself.
        stopListening = onAbort(signal, () => rest && reject(signal.reason as Error));
        turn();
      });
    } finally {
      clearTimeout(rest);
      stopListening?.();
    }
  }

  /** @returns how long to rest before the next poll; nothing when there is something to return */
  async #pollOnce(): Promise<number | undefined> {
    const error = await this.#poll();
    if (!error && this.#hasSomethingToReturn()) return undefined;
    if (error && !this.#sitsOut(error)) throw error;
    const restMs = this.#restMs(error);
    if (performance.now() + restMs < this.#endsAt) return restMs;
    // What remains to be waited for is waited for by the workflow, or between two attempts.
    if (error) throw error;
    return undefined;
  }

  /** Asks once, and notes what comes of it. */
  async #poll(): Promise<PolyAiError | undefined> {
    const { observe, record, now } = this.options;
    const before = record.progress;
    try {
      const maxWaitMs = Math.max(0, this.#endsAt - performance.now());
      const isChange = record.observed(await observe({ signal: this.#ending.signal, maxWaitMs }));
      this.#failures = 0;
      this.#noteAnswer();
      if (isChange || before.lastError) this.#tellNews();
      return undefined;
    } catch (error) {
      if (!(error instanceof PolyAiError)) throw error;
      this.#failures += 1;
      record.failed(error, new Date(now()).toISOString());
      if (!before.lastError) this.#tellNews();
      return error;
    }
  }

  #tellNews(): void {
    if (!this.options.isCrowded()) this.#heartbeat.news();
  }

  #noteAnswer(): void {
    if (this.#hasAnswer) return;
    this.#hasAnswer = true;
    this.#onFirstAnswer?.();
  }

  #hasSomethingToReturn(): boolean {
    const { context, hold, record, endsOnChange } = this.options;
    const status = record.observation!.status;
    const { kind } = classifyCallStatus(status);
    const isNews = status !== hold.knownStatus;
    if (kind === 'terminal' || (kind === 'unknown' && isNews)) return true;
    if (isNews && (endsOnChange || hold.knownStatus !== undefined)) return true;
    if (context.info.attempt > 1) return this.#looksHealthyAgain();
    return record.changes.length >= MAX_HELD_CHANGES;
  }

  /**
   * An activity in its second attempt looks like a failing one for as long as it lasts, so it ends with its first answer. After
   * a wide outage not all at once do: the calls are polled meanwhile, and the server turns them over bit by bit.
   */
  #looksHealthyAgain(): boolean {
    if (!this.#isRecovering && !this.options.isTroubleWide()) return true;
    if (!this.#isRecovering) this.#endsAt = Math.min(this.#endsAt, performance.now() + Math.random() * RECOVERY_MS);
    this.#isRecovering = true;
    return false;
  }

  /** A moment's failure under a call that is known. Of an unknown one Temporal's own retries take care, for all to see. */
  #sitsOut({ kind }: PolyAiError): boolean {
    const isKnownCall = this.record.observation !== undefined || this.options.hold.knownStatus !== undefined;
    return isKnownCall && isRetryableFailureType(kind);
  }

  #restMs(error: PolyAiError | undefined): number {
    if (!error) return jitter(Math.max(this.options.hold.intervalMs, MIN_POLL_INTERVAL_MS), Math.random());
    // Waiting to be let through is rest enough.
    if (error.notSent) return 0;
    const askedMs = Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    return Math.max(jitter(backoffMs(this.#failures), Math.random()), askedMs);
  }

  #onCancelled(reason: unknown): void {
    if (isWorkerShutdown(reason)) this.end('handed back');
    else this.#ending.abort(reason);
  }
}

/** Whether a cancellation comes from the worker, which shuts down, and not from the server. */
export function isWorkerShutdown(reason: unknown): boolean {
  return reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';
}

/** What the queue and the attempts before have left of the time for all attempts. */
function timeLeftMs({ info }: Context): number {
  const { scheduleToCloseTimeoutMs, scheduledTimestampMs } = info;
  if (!scheduleToCloseTimeoutMs) return Infinity;
  const spentMs = Math.max(0, Date.now() - scheduledTimestampMs);
  return scheduleToCloseTimeoutMs - spentMs - LAST_REQUEST_MS;
}

/** A hold that ends by itself loses nothing; one that runs into its time limit would. */
const LAST_REQUEST_MS = GET_STATUS_TIMEOUTS.startToCloseMs;

/** For a request that does not even time out, such as one whose token never comes. */
function stuck(): PolyAiError {
  return new PolyAiError('PolyAI is unavailable: a request did not end with its hold', { kind: 'PolyAiUnavailable' });
}
