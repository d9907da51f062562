interface Reading {
  /** The server's time, epoch milliseconds. */
  readonly timeMs: number;
  /** When it was read, by `Date.now()`. */
  readonly atMs: number;
}

/** The time of a test server. While an activity runs the server skips none, so that one request serves all that run at once. */
export class ServerTime {
  #running = 0;
  #reading: Promise<Reading> | undefined;

  /** @param request asks the server, epoch milliseconds */
  constructor(private readonly request: () => Promise<number>) {}

  /** Epoch milliseconds. */
  async now(): Promise<number> {
    const reading = this.#reading ?? this.#read();
    if (this.#running > 0) this.#reading = reading;
    try {
      const { timeMs, atMs } = await reading;
      return timeMs + Date.now() - atMs;
    } catch (error) {
      if (this.#reading === reading) this.#reading = undefined;
      throw error;
    }
  }

  async whileRunning<T>(activity: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await activity();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#reading = undefined;
    }
  }

  async #read(): Promise<Reading> {
    return { timeMs: await this.request(), atMs: Date.now() };
  }
}
