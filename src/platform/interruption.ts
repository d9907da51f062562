import { setMaxListeners } from 'node:events';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** 128 + the number of SIGINT, as shells report it. */
export const INTERRUPTED_EXIT_CODE = 130;

/** npm forwards a Ctrl-C that the terminal has sent to this process as well: both count as one. */
const SAME_INTERRUPTION_MS = 500;

/** The process was interrupted: by Ctrl-C, SIGTERM or SIGHUP. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('interrupted');
  }
}

/**
 * From its construction to `dispose`, Ctrl-C, SIGTERM and SIGHUP abort `signal` with an {@link InterruptedError} instead of ending
 * the process. A second one ends the process at once, with exit code 130.
 */
export class Interruption {
  readonly #controller = new AbortController();
  #interruptedAtMs: number | undefined;

  constructor() {
    // Every request that is under way listens to it.
    setMaxListeners(0, this.signal);
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  /** Aborted when the process is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts `signal` for another reason, such as the failure of a component. The first reason stays. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Restores the default effect of the process signals. */
  dispose(): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }

  readonly #onSignal = (): void => {
    this.#interruptedAtMs ??= performance.now();
    if (performance.now() - this.#interruptedAtMs > SAME_INTERRUPTION_MS) process.exit(INTERRUPTED_EXIT_CODE);
    this.abort(new InterruptedError());
  };
}
