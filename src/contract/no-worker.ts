/** How long a monitor may wait for a worker to take its workflow task. A worker that is there takes it in milliseconds. */
export const NO_WORKER_AFTER_MS = 5_000;

/** For monitors on a task queue that no worker polls: nothing happens until one does. */
export function noWorkerMessage(taskQueue: string, namespace: string): string {
  return (
    `no worker polls the task queue "${taskQueue}" in namespace "${namespace}": the monitor waits for one; ` +
    'start one, or start monitors with the `taskQueue` that your worker polls'
  );
}

/**
 * What a worker is told, outside of the workflow sandbox, when one of its workflows has started a monitor. A sink of the SDK, so
 * that it is in no history.
 */
// A type, because the SDK's `Sinks` has an index signature.
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
export type MonitorStartSinks = {
  polyAiMonitorStarts: {
    /** @param taskQueue where the monitor waits for a worker */
    started(taskQueue: string): void;
  };
};
