/** Of the SDK's `WorkerOptions`, those that decide how many calls a worker holds. */
export interface HoldingWorkerOptions {
  readonly maxConcurrentActivityTaskExecutions: number;
  readonly maxCachedWorkflows: number;
  readonly maxHeartbeatThrottleInterval: number;
  readonly shutdownGraceTime: number;
}

/** Calls that a worker holds at once unless told otherwise. */
export const DEFAULT_CALLS_AT_ONCE = 1_000;

/**
 * Worker options for holding so many calls at once. Give the same number to `createActivities`. With a `tuner` of your own
 * leave out `maxConcurrentActivityTaskExecutions`, and let it have a tenth more activity slots than calls.
 *
 * @example
 * const callsAtOnce = 2_000;
 * const activities = createActivities({ polyAi, callsAtOnce });
 * const worker = await Worker.create({ taskQueue, workflowsPath, activities, ...holdingWorkerOptions(callsAtOnce) });
 */
export function holdingWorkerOptions(callsAtOnce: number): HoldingWorkerOptions {
  if (!(Number.isInteger(callsAtOnce) && callsAtOnce > 0)) {
    throw new RangeError(`callsAtOnce must be a whole number above 0, not ${callsAtOnce}`);
  }
  return {
    // A poll after a nudge or a cancellation reaches the process that holds the call only while a slot is free there.
    maxConcurrentActivityTaskExecutions: Math.ceil(callsAtOnce * 1.1) + 50,
    // A monitor sleeps while its call is held; ten events are soon replayed. Its sticky queue works though it is evicted.
    maxCachedWorkflows: 200,
    // Holds thin out their heartbeats themselves, and want news to go out soon.
    maxHeartbeatThrottleInterval: 5_000,
    // Holds hand their calls back as soon as they hear of a shutdown; single polls end by themselves.
    shutdownGraceTime: 0,
  };
}
