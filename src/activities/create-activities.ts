import { createGetStatus, type GetStatusDependencies } from './get-status.js';
import { createSaveOutcome } from './outcomes.js';
import { readMonitor } from './read-monitor.js';

/** What the activities need. */
export type ActivityDependencies = GetStatusDependencies;

/** The activities of this package, by the names that their workflows call them by. */
export type PolyAiActivities = ReturnType<typeof createActivities>;

/**
 * Makes the activities for a worker.
 *
 * @example
 * const polyAi = new PolyAiClient({ baseUrl: REGION_BASE_URLS['us-1'], token: () => readToken() });
 * const worker = await Worker.create({ taskQueue, workflowsPath, activities: createActivities({ polyAi }) });
 */
export function createActivities(dependencies: ActivityDependencies) {
  return {
    getStatus: createGetStatus(dependencies),
    readMonitor,
    saveOutcome: createSaveOutcome(dependencies.outcomes),
  };
}
