/** Each heartbeat that reaches the server is a write there, and billed on Temporal Cloud: one a minute is enough. */
export const HEARTBEAT_EVERY_MS = 60_000;

/** The first goes out soon after there is something to tell, with a moment for more of it to come. */
export const FIRST_AFTER_MS = 5_000;

/** Heartbeats now and then for as long as a call is held. */
export class SparseHeartbeat {
  #timer: NodeJS.Timeout;
  #hasNews = false;

  constructor(private readonly beat: () => void) {
    this.#timer = setTimeout(this.#beat, HEARTBEAT_EVERY_MS);
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
    this.#rest(HEARTBEAT_EVERY_MS);
  };

  #rest(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#beat, ms);
  }
}
