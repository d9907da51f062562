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
 * Worker options for holding so many calls at once. Give the same number to `createActivities`.
 *
 * @example
 * const callsAtOnce = 2_000;
 * const activities = createActivities({ polyAi, callsAtOnce });
 * const worker = await Worker.create({ taskQueue, workflowsPath, activities, ...holdingWorkerOptions(callsAtOnce) });
 */
export function holdingWorkerOptions(callsAtOnce: number): HoldingWorkerOptions {
  return {
    // A poll after a nudge or a cancellation reaches the process that holds the call only while a slot is free there.
    maxConcurrentActivityTaskExecutions: Math.ceil(callsAtOnce * 1.1) + 50,
    // 30 KB each. One that is evicted while its call is held is replayed from ten events, at the price of one more request.
    maxCachedWorkflows: Math.min(callsAtOnce, 2_000),
    // Holds thin out their heartbeats themselves, and want news to go out soon.
    maxHeartbeatThrottleInterval: 5_000,
    // Holds hand their calls back as soon as they hear of a shutdown; single polls end by themselves.
    shutdownGraceTime: 0,
  };
}
