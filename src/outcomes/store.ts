import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';

/** Which outcomes to list, newest first. */
export interface OutcomeQuery {
  /** Saved at this time or later. ISO 8601. */
  readonly since?: string | undefined;
  /** Saved before this time. ISO 8601. */
  readonly until?: string | undefined;
  /** `success`, `failure`, or `none` for outcomes without a terminal status. */
  readonly status?: 'success' | 'failure' | 'none' | undefined;
  readonly account?: string | undefined;
  /**
   * The largest number of outcomes.
   * @default all
   */
  readonly limit?: number | undefined;
}

/**
 * Stores outcomes beyond the vendor's status retention and Temporal's. This package brings two implementations, see
 * `openOutcomeStore`; you may implement your own.
 */
export interface OutcomeStore {
  /**
   * Saves an outcome. Idempotent by call SID. An outcome with a terminal status is never replaced. One without is replaced
   * by any later one, unless only the stored one has an observation of the call.
   *
   * @returns the outcome that is stored now: the given one, or an earlier one that is final
   * @throws when the store cannot be reached or written to; the caller may retry
   */
  save(outcome: OutcomeRecord, options?: StoreRequestOptions): Promise<StoredOutcome>;
  /** The outcome of a call, if it is stored. */
  get(callSid: string, options?: StoreRequestOptions): Promise<StoredOutcome | undefined>;
  /** Streams outcomes, newest first, in bounded memory. */
  list(query?: OutcomeQuery): AsyncIterable<StoredOutcome>;
}

/** How long a worker waits for a store. */
export interface StoreRequestOptions {
  /**
   * Aborted when the worker no longer waits: 3 s after the request of `getStatus`, 12 s after that of `saveOutcome`, and 2 s after
   * the worker begins to shut down. A store of your own that may wait longer gives up then, and frees what the request occupies:
   * `saveOutcome` repeats it. The stores of this package have timeouts of their own.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `openOutcomeStore`. */
export interface OpenOutcomeStoreOptions {
  /**
   * Whether to create what is missing and to update tables of an older version. Without it nothing is changed, and a store that
   * needs it is refused with the code `not-found` or `older-schema`.
   * @default true
   */
  readonly migrate?: boolean | undefined;
}

/** An outcome store with a connection, see `openOutcomeStore`. */
export interface OpenOutcomeStore extends OutcomeStore {
  /**
   * Checks that outcomes can be saved, without saving one.
   *
   * @throws OutcomeStoreError when they cannot; the message gives the remedy
   */
  check(): Promise<void>;
  /** Closes the connection after pending saves have completed. */
  close(): Promise<void>;
}

/** What is wrong with an outcome store. */
export type OutcomeStoreErrorCode =
  | 'unreachable'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'read-only'
  | 'locked'
  | 'full'
  | 'damaged'
  | 'driver-missing'
  | 'newer-schema'
  | 'older-schema'
  | 'closed'
  | 'unusable';

/** What an `OutcomeStoreError` says. */
export interface OutcomeStoreProblem {
  readonly code: OutcomeStoreErrorCode;
  /** The problem and its remedy, as the predicate of a sentence about the store. */
  readonly problem: string;
  /**
   * Whether the store may work again in a moment without any change.
   * @default false
   */
  readonly isTransient?: boolean | undefined;
}

/**
 * An outcome store that could not be opened, read or written to. The message names the store, the problem and the remedy. It
 * holds no credentials, and there is no `cause`, which might.
 */
export class OutcomeStoreError extends Error {
  override readonly name = 'OutcomeStoreError';
  readonly code: OutcomeStoreErrorCode;
  readonly isTransient: boolean;

  /** @param redactedUrl the store's URL without credentials */
  constructor(redactedUrl: string, { code, problem, isTransient = false }: OutcomeStoreProblem) {
    super(`the outcome store ${redactedUrl} ${problem}`);
    this.code = code;
    this.isTransient = isTransient;
  }
}

/** A newer version of this package has migrated the store; this version does not know which columns it must preserve. */
export function newerSchemaError(redactedUrl: string, version: number): OutcomeStoreError {
  const problem = `has schema version ${version} of a newer version of temporal-polyai: update this one`;
  return new OutcomeStoreError(redactedUrl, { code: 'newer-schema', problem });
}

/** The store was opened without migrating it, and has none of this version's tables. */
export function olderSchemaError(redactedUrl: string): OutcomeStoreError {
  const problem = 'has no tables of this version yet: start a worker, which creates or updates them';
  return new OutcomeStoreError(redactedUrl, { code: 'older-schema', problem });
}

export function closedStoreError(redactedUrl: string): OutcomeStoreError {
  return new OutcomeStoreError(redactedUrl, { code: 'closed', problem: 'is closed' });
}

/** What `check` saves and takes back. Its call SID cannot be a real one. */
export const PROBE: OutcomeRecord = {
  ...{ callSid: 'probe', reason: '', polls: 0, timeline: [], workflowId: 'probe', runId: 'probe' },
  ...{ startedAt: '1970-01-01T00:00:00Z', finishedAt: '1970-01-01T00:00:00Z' },
};
