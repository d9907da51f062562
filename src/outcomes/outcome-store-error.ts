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
