/**
 * What Temporal Cloud bills, as far as a history tells: a workflow's start (a continue-as-new starts one too), a timer, an
 * activity's start and each of its retries, a signal, an update of search attributes. Heartbeats are billed too and stand
 * in no history; a shape that sends some must count them itself.
 */

/** List price, US dollars. */
export const DOLLARS_PER_ACTION = 50 / 1_000_000;

/** Of `temporal.api.enums.v1.EventType`. */
const BILLED_ONCE = new Set([
  1, // WORKFLOW_EXECUTION_STARTED
  17, // TIMER_STARTED
  26, // WORKFLOW_EXECUTION_SIGNALED
  40, // UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
]);

/**
 * @param {readonly import('@temporalio/proto').temporal.api.history.v1.IHistoryEvent[]} events
 * @returns {number} billable actions
 */
export function actionsOf(events) {
  return events.reduce((sum, { eventType, activityTaskStartedEventAttributes: started }) => {
    if (started) return sum + (started.attempt ?? 1);
    return sum + (BILLED_ONCE.has(Number(eventType)) ? 1 : 0);
  }, 0);
}
