/**
 * Steps to run at the end, in reverse order. Like the language's `AsyncDisposableStack`, which Node 20 lacks, but
 * failures are collected into one `AggregateError`.
 *
 * @example
 * const disposal = new DisposalStack();
 * try {
 *   const server = disposal.adopt(await startServer(), (server) => server.stop());
 *   …
 * } finally {
 *   await disposal.dispose();
 * }
 */
export class DisposalStack {
  readonly #steps: (() => unknown)[] = [];

  /** Adds a step, which is awaited. */
  defer(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Adds the step that disposes of `resource`, and returns it. */
  adopt<T>(resource: T, dispose: (resource: T) => unknown): T {
    this.defer(() => dispose(resource));
    return resource;
  }

  /**
   * Runs all steps, the latest first and each once; the others run even if a step fails.
   *
   * @throws the error of the step that failed, or an `AggregateError` of several
   */
  async dispose(): Promise<void> {
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} steps failed while disposing`);
  }
}
