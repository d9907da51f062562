/** What the API said of a call, once. */
export interface CallObservation {
  /** The status in lower case: `queued`, `calling`, `success`, `failure`, or a word this version does not know. */
  readonly status: string;
  /** The status as the API wrote it. */
  readonly rawStatus: string;
  /** The API's reason; empty unless the call failed, as a rule. */
  readonly reason: string;
  /** When the answer arrived, by the worker's clock. ISO 8601 UTC. */
  readonly observedAt: string;
}

/** A change of the call's status, and when it was first seen. ISO 8601 UTC. */
export interface StatusChange {
  readonly status: string;
  readonly at: string;
}

/** The last thing that went wrong. */
export interface MonitorError {
  /** A `FailureType`, or what Temporal calls the failure where it is not one of this package's. */
  readonly type: string;
  readonly message: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

const MAX_TIMELINE_HALF = 50;

/** A timeline with further changes, each once. Of more than 100 the first 50 and the latest 50 are kept. */
export function mergeStatusChanges(
  timeline: readonly StatusChange[],
  changes: readonly StatusChange[],
): readonly StatusChange[] {
  const isNew = ({ status, at }: StatusChange): boolean =>
    !timeline.some((known) => known.status === status && known.at === at);
  const longer = [...timeline, ...changes.filter(isNew)];
  return boundTimeline(longer.filter(({ status }, index) => longer[index - 1]?.status !== status));
}

function boundTimeline(timeline: readonly StatusChange[]): readonly StatusChange[] {
  if (timeline.length <= 2 * MAX_TIMELINE_HALF) return timeline;
  return [...timeline.slice(0, MAX_TIMELINE_HALF), ...timeline.slice(-MAX_TIMELINE_HALF)];
}
