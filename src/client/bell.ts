/** Wakes everyone who waits. Look, then wait: with no `await` between, no ring is missed. */
export class Bell {
  #ring!: () => void;
  #rung!: Promise<void>;

  constructor() {
    this.#hang();
  }

  wait(): Promise<void> {
    return this.#rung;
  }

  ring(): void {
    const ring = this.#ring;
    this.#hang();
    ring();
  }

  #hang(): void {
    this.#rung = new Promise((resolve) => (this.#ring = resolve));
  }
}
