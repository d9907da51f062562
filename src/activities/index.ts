export { createActivities, type ActivityDependencies, type PolyAiActivities } from './create-activities.js';
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
