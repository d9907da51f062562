import { workflowInfo } from '@temporalio/workflow';

import type { SaveOutcomeResult } from '../activities/outcomes.js';
import type { ReadMonitorResult } from '../contract/completion.js';
import type { FailureType } from '../contract/failures.js';
import { isRecord } from '../contract/is-record.js';

/**
 * Checks of what activities returned. A worker of the user may have registered an activity of its own under the name of one of
 * ours, and its result would otherwise pass for ours.
 */

/** The failure type of a result that is not the activity's own. */
export const INVALID_RESULT: FailureType = 'InvalidActivityResult';

/** Names the activity and the remedy. */
export function invalidResultMessage(activityType: string, taskQueue = workflowInfo().taskQueue): string {
  return (
    `the result of the activity ${activityType} is not one of temporal-polyai: a worker of task queue "${taskQueue}" has ` +
    `another activity with that name; register the one of createActivities, and rename the other`
  );
}

export function isSaveOutcomeResult(value: unknown): value is SaveOutcomeResult {
  return isRecord(value) && typeof value['isSaved'] === 'boolean';
}

export function isReadMonitorResult(value: unknown): value is ReadMonitorResult {
  if (!isRecord(value)) return false;
  const { state, runId, result, failure } = value;
  if (state === 'ended') return isRecord(result) || isRecord(failure);
  return state === 'absent' || (state === 'running' && typeof runId === 'string');
}
