import type { StatusChange } from './monitor-outbound-call.js';

const MAX_TIMELINE_HALF = 50;

/** A timeline with further changes, each once. Of more than 100 the first 50 and the latest 50 are kept. */
export function withChanges(
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
