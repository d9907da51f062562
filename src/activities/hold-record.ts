import type { HoldProgress } from '../contract/get-status.js';
import type { CallObservation, StatusChange } from '../contract/observation.js';
import type { PolyAiError } from '../polyai/errors.js';

/** Past this many changes a hold returns them, so that its heartbeats stay small. */
export const MAX_HELD_CHANGES = 20;

const NOTHING: HoldProgress = { changes: [], polls: 0, errors: 0 };

/** What one `getStatus` has seen, its earlier attempts included. */
export class HoldRecord {
  #progress: HoldProgress;

  constructor(before: HoldProgress = NOTHING) {
    this.#progress = before;
  }

  get progress(): HoldProgress {
    return this.#progress;
  }

  get observation(): CallObservation | undefined {
    return this.#progress.observation;
  }

  get changes(): readonly StatusChange[] {
    return this.#progress.changes;
  }

  get polls(): number {
    return this.#progress.polls;
  }

  /** @returns whether that is another status than before */
  observed(observation: CallObservation): boolean {
    const { lastError: _, ...before } = this.#progress;
    const { status, observedAt: at } = observation;
    const polls = before.polls + 1;
    const isChange = before.observation?.status !== status;
    const seen = isChange ? { statusSince: at, changes: [...before.changes, { status, at }] } : {};
    this.#progress = { ...before, ...seen, observation, polls };
    return isChange;
  }

  failed({ kind: type, message, notSent }: PolyAiError, at: string): void {
    const { polls, errors } = this.#progress;
    const made = notSent ? 0 : 1;
    const lastError = { type, message, at };
    this.#progress = { ...this.#progress, polls: polls + made, errors: errors + made, lastError };
  }
}
