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
