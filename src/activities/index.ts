import { createGetStatus, type GetStatusDependencies } from './get-status.js';
import { readMonitor } from './read-monitor.js';
import { createSaveOutcome } from './save-outcome.js';

export { PolyAiClient, PolyAiError, REGION_BASE_URLS, tokenFile } from '../polyai/index.js';
export type {
  PolyAiClientOptions,
  PolyAiErrorKind,
  PolyAiRegion,
  Slowdown,
  TokenFunction,
  TokenRefusal,
  TokenRequest,
} from '../polyai/index.js';
export { DEFAULT_CALLS_AT_ONCE, holdingWorkerOptions, type HoldingWorkerOptions } from './holding-worker-options.js';
export type { SaveOutcomeResult } from './save-outcome.js';
export type { AccountClients, StatusSource } from './served-accounts.js';
export { MAX_RETRY_AFTER_MS, type GetStatusFailureDetails } from './to-application-failure.js';
export type { GetStatusInput, GetStatusResult, HoldProgress, HoldRequest } from '../contract/index.js';

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
