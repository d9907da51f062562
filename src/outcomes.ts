export { openReconnecting } from './outcomes/open.js';
export type { OutcomeRecord, FailureReason, StoredOutcome } from './contract/outcome.js';
export { openOutcomeStore } from './outcomes/open.js';
export { OutcomeStoreError } from './outcomes/store.js';
export type { OpenOutcomeStore, OutcomeQuery, OutcomeStore } from './outcomes/store.js';
export {
  DEFAULT_OUTCOMES_URL,
  OUTCOMES_URL_EXPECTATION,
  parseOutcomesUrl,
  redactOutcomesUrl,
  type OutcomesTarget,
} from './outcomes/url.js';
