export type { TerminalStatus } from './contract/call.js';
export type { FailureType } from './contract/failures.js';
export type { CallObservation, MonitorError, ObservedCall, StatusChange } from './contract/observation.js';
export type { FailureReason, OutcomeRecord, StoredOutcome } from './contract/outcome.js';
export { openOutcomeStore } from './outcomes/open.js';
export {
  type OpenOutcomeStore,
  type OpenOutcomeStoreOptions,
  type OutcomeQuery,
  type OutcomeStore,
  OutcomeStoreError,
  type OutcomeStoreErrorCode,
  type OutcomeStoreProblem,
  type StoreRequestOptions,
} from './outcomes/store.js';
export { DEFAULT_OUTCOMES_URL, type OutcomesTarget, parseOutcomesUrl } from './outcomes/url.js';
