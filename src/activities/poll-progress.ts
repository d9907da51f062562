import type { PollProgress } from '../contract/get-status.js';
import type { CallObservation, StatusChange } from '../contract/observation.js';
import type { PolyAiError } from '../polyai/errors.js';
import type { HeldCall } from './long-poll.js';

/** Past this many changes a hold returns them, so that its heartbeats stay small. */
export const MAX_HELD_CHANGES = 20;

const NOTHING: PollProgress = { changes: [], polls: 0, errors: 0 };

/** What one `getStatus` has seen, its earlier attempts included. */
export class HoldRecord {
  #progress: PollProgress;

  constructor(before: PollProgress = NOTHING) {
    this.#progress = before;
  }

  get progress(): PollProgress {
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

/** How long what a cut-short `getStatus` has seen is kept for its successor, which comes at once as a rule. */
const KEPT_FOR_MS = 5 * 60_000;

interface Entry {
  readonly record: HoldRecord;
  /** While it holds. */
  readonly call?: HeldCall | undefined;
  /** Once it has ended. */
  readonly endedAtMs?: number;
}

/** What the `getStatus` of this worker have seen and their monitors have not heard yet, by monitor's run and call. */
export class UnheardRecords {
  readonly #underWay = new Map<string, Entry>();
  /** The first ended comes first. */
  readonly #ended = new Map<string, Entry>();

  /**
   * Ends the hold of a call whose monitor has begun another `getStatus`: the server has cancelled it, which it would hear
   * with its next heartbeat only.
   *
   * @returns what was seen since the monitor heard last
   */
  takeOver(key: string): PollProgress | undefined {
    const entry = this.#underWay.get(key) ?? this.#ended.get(key);
    this.#underWay.delete(key);
    this.#ended.delete(key);
    entry?.call?.end('superseded');
    return entry?.record.progress;
  }

  add(key: string, record: HoldRecord, call?: HeldCall): void {
    this.#underWay.set(key, { record, call });
  }

  /** Its monitor is told. */
  heard(key: string, record: HoldRecord): void {
    if (this.#underWay.get(key)?.record === record) this.#underWay.delete(key);
  }

  /** It has ended, and its monitor may never be told. */
  ended(key: string, record: HoldRecord): void {
    if (this.#underWay.get(key)?.record !== record) return;
    this.#underWay.delete(key);
    const endedAtMs = performance.now();
    for (const [oldest, entry] of this.#ended) {
      if (endedAtMs - (entry.endedAtMs ?? 0) < KEPT_FOR_MS) break;
      this.#ended.delete(oldest);
    }
    this.#ended.set(key, { record, endedAtMs });
  }
}
