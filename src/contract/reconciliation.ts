/** An attempt that Temporal knows of and that may be missing from the database. */
export interface AttemptOutsideDatabase {
  readonly attemptId: string;
  readonly contactId: string;
  /** When it was made. ISO 8601. */
  readonly at: string;
  /** Absent when it is ambiguous. */
  readonly callSid?: string | undefined;
  /** Why it is ambiguous. */
  readonly reason?: string | undefined;
}

/** What became of attempts that the database may not have had. */
export interface ReconciledAttempts {
  /** How many it did not have, and has now. */
  readonly recorded: number;
  /** Those whose contact it does not have: they are not recorded. */
  readonly withoutContact: readonly AttemptOutsideDatabase[];
}
