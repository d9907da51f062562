import { setTimeout as pause } from 'node:timers/promises';
import {
  type ConnectionOptions,
  type ConnectionPlugin,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';

/**
 * The SDK's retries, which `stop` ends. The SDK retries a request from a timer, and once the connection is closed that timer
 * throws an uncaught "Channel has been shut down". A test that times out leaves requests in flight, and would end the whole run.
 */
export class RetriesUntilClosed implements ConnectionPlugin {
  readonly name = 'retries-until-closed';
  #isStopped = false;
  #lastRetryAtMs = 0;

  configureConnection(options: ConnectionOptions): ConnectionOptions {
    const { delayFunction, retryableDecider } = defaultGrpcRetryOptions();
    const retries = makeGrpcRetryInterceptor({
      delayFunction: (attempt, status) => {
        const delayMs = delayFunction(attempt, status);
        this.#lastRetryAtMs = Math.max(this.#lastRetryAtMs, performance.now() + delayMs);
        return delayMs;
      },
      retryableDecider: (attempt, status) => !this.#isStopped && retryableDecider(attempt, status),
    });
    return { ...options, interceptors: [retries] };
  }

  /** Waits for the retry that is scheduled last; no other follows. To be called before the connection is closed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await pause(Math.max(0, this.#lastRetryAtMs - performance.now()) + 1);
  }
}
