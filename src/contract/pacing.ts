/** The shortest interval between two polls of a call, in milliseconds. */
export const MIN_POLL_INTERVAL_MS = 250;

/** Share of the interval by which a wait may be shorter or longer, so that many monitors never poll in step. */
export const JITTER = 0.2;

/** A wait of about `intervalMs`; `random` is from 0 to 1. */
export function jitter(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (1 - JITTER + 2 * JITTER * random));
}

/** How requests that failed for the moment are repeated: by Temporal's retries, and within a hold by the same figures. */
export const RETRY_BACKOFF = { initialMs: 1_000, coefficient: 2, maximumMs: 30_000 } as const;

/** The wait after so many failures in a row. */
export function backoffMs(failures: number): number {
  const { initialMs, coefficient, maximumMs } = RETRY_BACKOFF;
  return Math.min(maximumMs, initialMs * coefficient ** (failures - 1));
}
