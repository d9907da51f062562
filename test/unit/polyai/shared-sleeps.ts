/** Sleeps end at a multiple of this. */
const GRID_MS = 50;

/**
 * Sleeps of many calls in fake time. Those that end at the same moment share a timer, because each fake timer that fires
 * costs a turn of the real event loop.
 */
export class SharedSleeps {
  readonly #wakeUps = new Map<number, Promise<void>>();

  /** Sleeps for about this time. */
  async about(ms: number): Promise<void> {
    await this.#until(Math.round((performance.now() + ms) / GRID_MS) * GRID_MS);
  }

  /** Sleeps for exactly this time. */
  async exactly(ms: number): Promise<void> {
    await this.#until(performance.now() + ms);
  }

  async #until(atMs: number): Promise<void> {
    const sleep = () =>
      new Promise<void>((resolve) => {
        setTimeout(() => {
          this.#wakeUps.delete(atMs);
          resolve();
        }, atMs - performance.now());
      });
    const wakeUp = this.#wakeUps.get(atMs) ?? sleep();
    this.#wakeUps.set(atMs, wakeUp);
    await wakeUp;
  }
}
