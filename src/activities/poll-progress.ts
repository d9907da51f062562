import type { PollProgress, PollReport } from '../contract/get-status.js';
import type { CallObservation } from '../contract/observation.js';
import type { PolyAiError } from '../polyai/errors.js';

/** Records what one `getStatus` learns about its call, in all its attempts. */
export class PollProgressRecorder {
  #progress: PollProgress;

  /** @param earlier what earlier attempts recorded */
  constructor(earlier: PollProgress) {
    this.#progress = earlier;
  }

  /** The heartbeat details. */
  get progress(): PollProgress {
    return this.#progress;
  }

  get observation(): CallObservation | undefined {
    return this.#progress.observation;
  }

  get polls(): number {
    return this.#progress.polls;
  }

  /** What a result or a failure says. */
  report(includeChanges: boolean | undefined): PollReport {
    const { polls, observation, changes } = this.#progress;
    return { polls, ...(observation && { observation }), ...(includeChanges && { changes }) };
  }

  /** @returns whether the status has changed */
  recordObservation(observation: CallObservation): boolean {
    const { lastError: _, ...before } = this.#progress;
    const { status, observedAt: at } = observation;
    const isChange = before.observation?.status !== status;
    const change = isChange ? { statusSince: at, changes: [...before.changes, { status, at }] } : {};
    this.#progress = { ...before, ...change, observation, polls: before.polls + 1 };
    return isChange;
  }

  recordFailure({ kind: type, message, notSent }: PolyAiError, at: string): void {
    const { polls, errors } = this.#progress;
    const requests = notSent ? 0 : 1;
    const lastError = { type, message, at };
    this.#progress = { ...this.#progress, polls: polls + requests, errors: errors + requests, lastError };
  }
}

/** How long the progress of a cancelled `getStatus` waits for the next one, which usually begins at once. */
const EXPIRES_AFTER_MS = 5 * 60_000;

interface RunningEntry {
  readonly recorder: PollProgressRecorder;
  /** Ends the long poll because a newer `getStatus` of the call has begun. */
  readonly supersede?: (() => void) | undefined;
}

interface EndedEntry {
  readonly recorder: PollProgressRecorder;
  readonly endedAtMs: number;
}

/**
 * What the `getStatus` attempts of this worker recorded and did not return to their monitors, by monitor run and call. A
 * monitor cancels its `getStatus` on a nudge without waiting for it, so what that one observed would otherwise be lost.
 */
export class UndeliveredProgress {
  readonly #running = new Map<string, RunningEntry>();
  /** In the order in which they ended. */
  readonly #ended = new Map<string, EndedEntry>();

  /**
   * Takes the progress over, and ends a long poll that is still running: it would notice its cancellation at its next
   * heartbeat only.
   */
  resume(key: string): PollProgress | undefined {
    const running = this.#running.get(key);
    const entry = running ?? this.#ended.get(key);
    this.#running.delete(key);
    this.#ended.delete(key);
    running?.supersede?.();
    return entry?.recorder.progress;
  }

  track(key: string, recorder: PollProgressRecorder, supersede?: () => void): void {
    this.#running.set(key, { recorder, supersede });
  }

  /** The monitor gets the progress with a result or a permanent failure. */
  markDelivered(key: string, recorder: PollProgressRecorder): void {
    if (this.#running.get(key)?.recorder === recorder) this.#running.delete(key);
  }

  /** The attempt has ended; unless it delivered its progress, the next `getStatus` may resume from it. */
  markEnded(key: string, recorder: PollProgressRecorder): void {
    if (this.#running.get(key)?.recorder !== recorder) return;
    this.#running.delete(key);
    const nowMs = performance.now();
    for (const [oldest, { endedAtMs }] of this.#ended) {
      if (nowMs - endedAtMs < EXPIRES_AFTER_MS) break;
      this.#ended.delete(oldest);
    }
    this.#ended.set(key, { recorder, endedAtMs: nowMs });
  }
}
