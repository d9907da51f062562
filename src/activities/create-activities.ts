import type { ReadMonitorResult, ReadMonitorInput } from '../contract/completion.js';
import type { GetStatusInput, GetStatusResult } from '../contract/get-status.js';
import type { OutcomeRecord } from '../contract/outcome.js';
import { createGetStatus, type GetStatusDependencies } from './get-status.js';
import { createSaveOutcome, type SaveOutcomeResult } from './outcomes.js';
import { readMonitor } from './read-monitor.js';

/** What the activities need. */
export type ActivityDependencies = GetStatusDependencies;

/** The activities of this package, by activity type. */
export interface PolyAiActivities {
  /** One poll of a call's status, or a long poll. */
  getStatus(input: GetStatusInput): Promise<GetStatusResult>;
  /** Reads how the monitor of a call ended, or that it is still running. */
  readMonitor(input: ReadMonitorInput): Promise<ReadMonitorResult>;
  /** Saves the outcome of a call. */
  saveOutcome(outcome: OutcomeRecord): Promise<SaveOutcomeResult>;
}

/**
 * Makes the activities for a worker.
 *
 * @example
 * const polyAi = new PolyAiClient({ baseUrl: REGION_BASE_URLS['us-1'], token: () => readToken() });
 * const worker = await Worker.create({ taskQueue, workflowsPath, activities: createActivities({ polyAi }) });
 */
export function createActivities(dependencies: ActivityDependencies): PolyAiActivities {
  return {
    getStatus: createGetStatus(dependencies),
    readMonitor,
    saveOutcome: createSaveOutcome(dependencies.outcomes),
  };
}
