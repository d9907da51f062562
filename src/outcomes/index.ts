export { openPatiently } from './open-patiently.js';
export type { CallOutcome, OutcomeEnding, StoredOutcome } from '../contract/outcome.js';
export { openOutcomeStore } from './open-outcome-store.js';
export { OutcomeStoreError } from './outcome-store-error.js';
export type { OpenOutcomeStore, OutcomeQuery, OutcomeStore } from './outcome-store.js';
export {
  DEFAULT_OUTCOMES_URL,
  OUTCOMES_URL_EXPECTATION,
  parseOutcomesUrl,
  shownOutcomesUrl,
  type OutcomesTarget,
} from './outcomes-url.js';
