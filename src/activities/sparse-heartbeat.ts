/** Each heartbeat that reaches the server is a write there, and billed on Temporal Cloud: one a minute is enough. */
export const HEARTBEAT_EVERY_MS = 60_000;

/** News goes out sooner, after a moment in which more of it may come. */
export const NEWS_AFTER_MS = 5_000;

/** Heartbeats now and then for as long as a call is held. */
export class SparseHeartbeat {
  #timer: NodeJS.Timeout;
  #dueAt: number;

  constructor(private readonly beat: () => void) {
    this.#dueAt = performance.now() + HEARTBEAT_EVERY_MS;
    this.#timer = setTimeout(this.#beat, HEARTBEAT_EVERY_MS);
  }

  /** There is something that operators and a next attempt want to know. */
  news(): void {
    if (this.#dueAt - performance.now() > NEWS_AFTER_MS) this.#rest(NEWS_AFTER_MS);
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
    this.#dueAt = performance.now() + ms;
    this.#timer = setTimeout(this.#beat, ms);
  }
}
