const LONG_MS = 1_000;
const EVERY_MS = 250;

/** Tells on a terminal how far a long export is. */
export class Progress {
  #count = 0;
  readonly #startedAt = performance.now();
  #shownAt: number | undefined;

  constructor(private readonly stream: NodeJS.WriteStream | undefined) {}

  get count(): number {
    return this.#count;
  }

  step(): void {
    this.#count += 1;
    if (!this.stream?.isTTY) return;
    const now = performance.now();
    if (now < (this.#shownAt === undefined ? this.#startedAt + LONG_MS : this.#shownAt + EVERY_MS)) return;
    this.#shownAt = now;
    this.stream.write(`\r\x1b[2K${this.#count.toLocaleString('en')} outcomes`);
  }

  /** Leaves nothing behind. */
  end(): void {
    if (this.#shownAt !== undefined) this.stream?.write('\r\x1b[2K');
  }
}
