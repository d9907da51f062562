import { workflowInfo } from '@temporalio/workflow';

import type { SaveOutcomeResult } from '../activities/outcomes.js';
import type { ReadMonitorResult } from '../contract/completion.js';
import type { FailureType } from '../contract/failures.js';
import type { GetStatusResult } from '../contract/get-status.js';
import { isCallObservation } from '../contract/observation.js';

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

export function isGetStatusResult(value: unknown): value is GetStatusResult {
  if (!isRecord(value)) return false;
  const { polls, observation, changes } = value;
  const hasValidChanges = changes === undefined || Array.isArray(changes);
  return typeof polls === 'number' && hasValidChanges && (observation === undefined || isCallObservation(observation));
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
