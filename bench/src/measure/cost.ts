import type { WorkflowHandle } from '@temporalio/client';
import { linearRegression, linearRegressionLine, mean, standardDeviation, sum } from 'simple-statistics';
import { meanCallMs, type CallLoad } from '../load/call-load.js';
import type { WatchedCall } from '../load/watched-calls.js';
import type { CallCost, RunningShape } from '../shapes/shape.js';

const SAMPLED_CALLS = 30;

/** List price of Temporal Cloud in US dollars. */
export const DOLLARS_PER_ACTION = 50 / 1_000_000;

/** Types of history events that are one billable action each, by `temporal.api.enums.v1.EventType`. */
const BILLED_EVENT_TYPES = new Set([
  1, // WORKFLOW_EXECUTION_STARTED
  17, // TIMER_STARTED
  26, // WORKFLOW_EXECUTION_SIGNALED
  40, // UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
]);

/** Counts a history's events and the actions that Temporal Cloud bills for them; each activity attempt is one action. */
export function costOfHistory({ events }: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>): CallCost {
  const actions = (events ?? []).map(({ eventType, activityTaskStartedEventAttributes: started }) => {
    if (started) return started.attempt ?? 1;
    return BILLED_EVENT_TYPES.has(Number(eventType)) ? 1 : 0;
  });
  return { events: actions.length, actions: sum(actions) };
}

/**
 * The cost of a call of the mean length, from the histories of calls spread over the window. A call has a fixed cost and a
 * cost per minute, and the calls that happen to end in the window are not of the mean length, so a line is fitted.
 *
 * @param ended calls that ended in the window
 * @returns heartbeats not included, because the history does not have them; empty for a shape without histories
 */
export async function costOf(ended: readonly WatchedCall[], { cost }: RunningShape, load: CallLoad) {
  const finished = ended.filter(({ knownAt }) => knownAt !== undefined);
  if (!cost || finished.length === 0) return {};
  const step = Math.max(1, finished.length / SAMPLED_CALLS);
  const sample = finished.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  const costs = await Promise.all(sample.map(({ callSid }) => cost(callSid)));
  const lengths = sample.map(({ startedAt, endsAt }) => endsAt - startedAt);
  const atMeanLength = (values: readonly number[]): number => fittedAt(meanCallMs(load), lengths, values);
  return {
    eventsPerCall: atMeanLength(costs.map(({ events }) => events)),
    actionsPerCall: atMeanLength(costs.map(({ actions }) => actions)),
  };
}

/** The value at `x` of the straight line through the points; their mean when all `xs` are equal. */
function fittedAt(x: number, xs: readonly number[], ys: readonly number[]): number {
  if (standardDeviation([...xs]) === 0) return mean([...ys]);
  return linearRegressionLine(linearRegression(xs.map((one, index) => [one, ys[index] ?? 0])))(x);
}
