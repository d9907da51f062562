import type { OutcomeRecord, StoredOutcome } from '../contract/outcome.js';

/** Which outcomes to list, newest first. */
export interface OutcomeQuery {
  /** Only those saved at this time or later. ISO 8601. */
  readonly since?: string | undefined;
  /** Only those saved before. ISO 8601. */
  readonly until?: string | undefined;
  /** `success`, `failure`, or `none`: those without a final status, which is what an operator looks at first. */
  readonly status?: 'success' | 'failure' | 'none' | undefined;
  readonly account?: string | undefined;
  /** At most so many. */
  readonly limit?: number | undefined;
}

/**
 * Where outcomes are kept beyond the vendor's two hours and Temporal's retention. Two come with this package, see
 * `openOutcomeStore`; anything with these methods will do.
 */
export interface OutcomeStore {
  /**
   * Keeps an outcome. Idempotent by call SID, and never puts something lesser in place of what is there: an outcome with a
   * final status is final; one without gives way to any later one, unless that knows nothing of the call and this one does.
   *
   * @returns what is kept for the call from now on: this outcome, or an earlier one that is final
   * @throws when the store cannot be reached or written to; it may then be called again
   */
  save(outcome: OutcomeRecord): Promise<StoredOutcome>;
  /** What is kept for a call. */
  get(callSid: string): Promise<StoredOutcome | undefined>;
  /** Streams outcomes, newest first, in bounded memory however many there are. */
  list(query?: OutcomeQuery): AsyncIterable<StoredOutcome>;
}

/** A store with a connection, see `openOutcomeStore`. */
export interface OpenOutcomeStore extends OutcomeStore {
  /**
   * Finds out whether outcomes can be saved, without leaving one.
   *
   * @throws OutcomeStoreError when they cannot; the message says what to do
   */
  check(): Promise<void>;
  /** Ends the connection, after the saves that are under way. */
  close(): Promise<void>;
}

/**
 * An outcome store that could not be opened, read or written to. The message says which one, why, and what to do; it holds
 * no credentials, and there is no `cause`, which might. Trying again may help.
 */
export class OutcomeStoreError extends Error {
  override readonly name = 'OutcomeStoreError';

  /**
   * @param store the place without credentials
   * @param mayPass whether it may work again in a moment, with nothing done here
   */
  constructor(
    store: string,
    problem: string,
    readonly mayPass = false,
  ) {
    super(`the outcome store ${store} ${problem}`);
  }
}

/** A store that a newer version of this package has written to: this one does not know what it must keep. */
export function newerSchemaError(store: string, version: number): OutcomeStoreError {
  return new OutcomeStoreError(
    store,
    `was made by a newer version of temporal-polyai (its tables have version ${version}): update this one`,
  );
}

export function closedStoreError(store: string): OutcomeStoreError {
  return new OutcomeStoreError(store, 'is closed');
}
