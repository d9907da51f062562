/** A worker that has polled within this time is there: a poll that finds nothing to do lasts a minute, and then there is the next. */
export const RECENT_POLL_MS = 2 * 60_000;
