import { setMaxListeners } from 'node:events';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Why the demo ends before its end. */
export class DemoStopped extends Error {
  override readonly name = 'DemoStopped';

  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Ctrl-C and its kin. */
export const INTERRUPTED = new DemoStopped('interrupted', 130);

/** Ends the demo early: on Ctrl-C and its kin, when it takes too long, when a part of it breaks. The first reason stays. */
export class StopRequest {
  readonly #controller = new AbortController();
  readonly #onSignal = (): void => this.#controller.abort(INTERRUPTED);
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    // Every request to Temporal that is under way listens to it.
    setMaxListeners(0, this.signal);
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  /** Aborted when the demo is to end; its reason says why. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Has the demo end because of `error`. */
  because(error: unknown): void {
    this.#controller.abort(error);
  }

  /** From now on, the demo may take so long. */
  limitTime(ms: number): void {
    const reason = new DemoStopped(`it was not through after ${ms / 1_000} s`, 1);
    this.#timer = setTimeout(() => this.#controller.abort(reason), ms);
  }

  liftTimeLimit(): void {
    clearTimeout(this.#timer);
  }

  /** Rejects with the reason as soon as there is one, else gives what `work` gives. */
  async orStopped<T>(work: Promise<T>): Promise<T> {
    return await Promise.race([work, this.stopped().then(() => this.signal.throwIfAborted() as never)]);
  }

  /** Resolves when the demo is to end. */
  async stopped(): Promise<void> {
    if (this.signal.aborted) return;
    await new Promise((resolve) => this.signal.addEventListener('abort', resolve, { once: true }));
  }

  /** Gives signals back their usual meaning. */
  release(): void {
    this.liftTimeLimit();
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }
}
