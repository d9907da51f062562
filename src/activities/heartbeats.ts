import type { Context } from '@temporalio/activity';

/** Each heartbeat that reaches the server is a write there, and billed on Temporal Cloud: one a minute is enough. */
const HEARTBEAT_EVERY_MS = 60_000;

/** Up to so much later, so that calls begun at once do not heartbeat at once; the heartbeat timeout is longer still. */
const SPREAD_MS = 15_000;

/** The first goes out soon after there is something to tell, with a moment for more of it to come. */
const FIRST_AFTER_MS = 5_000;

/** Heartbeats now and then for as long as a call is held. */
export class SparseHeartbeat {
  #timer: NodeJS.Timeout;
  #hasNews = false;

  constructor(private readonly beat: () => void) {
    this.#timer = setTimeout(this.#beat, regularRestMs());
  }

  /** There is something that operators and a next attempt want to know. */
  news(): void {
    if (this.#hasNews) return;
    this.#hasNews = true;
    this.#rest(FIRST_AFTER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  readonly #beat = (): void => {
    this.beat();
    this.#rest(regularRestMs());
  };

  #rest(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#beat, ms);
  }
}

function regularRestMs(): number {
  return HEARTBEAT_EVERY_MS + Math.random() * SPREAD_MS;
}

const SINGLE_POLL_HEARTBEAT_MS = 1_000;

/** Heartbeats until `work` is done, so that a cancellation or the worker's death is noticed meanwhile. */
export async function whileHeartbeating<T>(context: Context, details: unknown, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => context.heartbeat(details), SINGLE_POLL_HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
