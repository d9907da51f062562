import type { Context } from '@temporalio/activity';

import { isPollProgress, type PollProgress, type PollReport } from '../contract/get-status.js';
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

  recordObservation(observation: CallObservation): void {
    const { lastError: _, ...before } = this.#progress;
    const { status, observedAt: at } = observation;
    const isChange = before.observation?.status !== status;
    const change = isChange ? { statusSince: at, changes: [...before.changes, { status, at }] } : {};
    this.#progress = { ...before, ...change, observation, polls: before.polls + 1 };
  }

  recordFailure({ kind: type, message, notSent }: PolyAiError, at: string): void {
    const { polls, errors } = this.#progress;
    const requests = notSent ? 0 : 1;
    const lastError = { type, message, at };
    this.#progress = { ...this.#progress, polls: polls + requests, errors: errors + requests, lastError };
  }
}

/** The progress of earlier attempts. */
export function earlierProgress({ info }: Context): PollProgress {
  const earlierAttempts = info.attempt - 1;
  const reported: unknown = info.heartbeatDetails;
  return isPollProgress(reported) ? reported : { changes: [], polls: earlierAttempts, errors: earlierAttempts };
}

/** What two `getStatus` in a row report together. */
export function addReports(first: PollReport | undefined, second: PollReport): PollReport {
  if (!first) return second;
  const changes = [...(first.changes ?? []), ...(second.changes ?? [])];
  return { ...second, polls: first.polls + second.polls, changes };
}
