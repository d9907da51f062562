export { createActivities, type ActivityDependencies, type PolyAiActivities } from './activities/create-activities.js';
export { REGION_BASE_URLS } from './polyai/regions.js';
export { PolyAiClient } from './polyai/client.js';
export { PolyAiError } from './polyai/errors.js';
export { tokenFile } from './polyai/token-file.js';
export type { PolyAiRegion } from './polyai/regions.js';
export type { PolyAiClientOptions } from './polyai/options.js';
export type { TokenFunction, TokenRequest } from './polyai/credentials.js';
export type { PolyAiErrorKind } from './polyai/errors.js';
export type { TokenRejection } from './polyai/auth-circuit.js';
export type { Throttling } from './polyai/limiter.js';
export { DEFAULT_CALLS_AT_ONCE, holdingWorkerOptions, type HoldingWorkerOptions } from './activities/worker-options.js';
export type { SaveOutcomeResult } from './activities/outcomes.js';
export type { AccountClients, StatusSource } from './activities/accounts.js';
export { MAX_RETRY_AFTER_MS } from './contract/pacing.js';
export type {
  GetStatusFailureDetails,
  GetStatusInput,
  GetStatusResult,
  KnownCall,
  LongPollRequest,
  PollReport,
  WorkerCapabilities,
} from './contract/get-status.js';
