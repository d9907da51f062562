import type { CommonOptions } from '../options.js';

/** A way to monitor calls. A new shape is another entry in `catalogue.ts`. */
export interface Shape {
  readonly name: string;
  /** One line for the report. */
  readonly about: string;
  /** It is not tried with more live calls, unless `--beyond` is given. */
  readonly maxLive: number;
  /**
   * Starts it on an empty server of its own.
   *
   * @throws {UnavailableError} when this machine lacks what the shape needs
   */
  start(context: ShapeContext): Promise<RunningShape>;
}

export interface ShapeContext {
  /** A worker's environment: address and token of the simulated API, and the interval. */
  readonly env: Readonly<Record<string, string>>;
  /** Calls that the worker monitors at a time, on average. */
  readonly live: number;
  readonly options: CommonOptions;
  /** Empty, and removed after the run. */
  readonly folder: string;
  readonly runId: string;
}

export interface RunningShape {
  readonly workerPids: readonly number[];
  readonly serverPids: readonly number[];
  /** Rejects when one of its processes exits. */
  readonly failed: Promise<never>;
  /** Results that may be awaited at a time. */
  readonly maxWaiters: number;
  /** Starts the monitor of a call; resolves when the shape is responsible for it. */
  readonly begin: (callSid: string) => Promise<unknown>;
  /** Resolves when the client that waits has the result. */
  readonly result: (callSid: string) => Promise<unknown>;
  /** When the server closed the monitor, in epoch milliseconds; `undefined` while it runs. */
  readonly closedAt?: (callSid: string) => Promise<number | undefined>;
  /** The cost of a call that has ended, according to its history. */
  readonly cost?: (callSid: string) => Promise<CallCost>;
  /** Heartbeats that have reached the server. */
  readonly heartbeats?: () => Promise<number>;
  /** Starts a workflow that does nothing and waits for its result. */
  readonly runEmpty?: () => Promise<unknown>;
  /** @param unfinished calls whose monitors may still run */
  readonly stop: (unfinished: readonly string[]) => Promise<void>;
}

/** What a call costs according to its history. */
export interface CallCost {
  readonly events: number;
  readonly actions: number;
}

/** This machine lacks what the shape needs. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** The shape is so far behind that measuring makes no sense. The message says how far. */
export class FellBehindError extends Error {
  override readonly name = 'FellBehindError';
}
