import { cachedWorkflowsFor } from './workflow-cache.js';

/** The SDK's `WorkerOptions` for a worker that runs many long polls. */
export interface HoldingWorkerOptions {
  readonly maxConcurrentActivityTaskExecutions: number;
  readonly maxCachedWorkflows: number;
  readonly shutdownGraceTime: number;
}

/** Long polls that a worker runs at once by default. */
export const DEFAULT_CALLS_AT_ONCE = 1_000;

/**
 * Worker options for `callsAtOnce` long polls at once. Give `createActivities` the same number. With your own `tuner`, leave
 * out `maxConcurrentActivityTaskExecutions`, and give it a tenth more activity slots than long polls.
 *
 * @throws {RangeError} unless `callsAtOnce` is a whole number above 0
 * @example
 * const callsAtOnce = 2_000;
 * const activities = createActivities({ polyAi, callsAtOnce });
 * const worker = await Worker.create({ taskQueue, workflowsPath, activities, ...holdingWorkerOptions(callsAtOnce) });
 */
export function holdingWorkerOptions(callsAtOnce: number): HoldingWorkerOptions {
  checkCallsAtOnce(callsAtOnce);
  return {
    // Spare slots: a poll after a nudge or a cancellation must reach the process that runs the long poll.
    maxConcurrentActivityTaskExecutions: Math.ceil(callsAtOnce * 1.1) + 50,
    maxCachedWorkflows: cachedWorkflowsFor(callsAtOnce),
    // Long polls return as soon as the worker shuts down; single polls end within seconds.
    shutdownGraceTime: 0,
  };
}

/** @throws {RangeError} unless it is a whole number above 0 */
export function checkCallsAtOnce(callsAtOnce: number): void {
  if (Number.isInteger(callsAtOnce) && callsAtOnce > 0) return;
  throw new RangeError(`callsAtOnce must be a whole number above 0, not ${callsAtOnce}`);
}
