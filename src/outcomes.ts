export { openCampaignStore } from './campaigns/open.js';
export type { SqlCampaignStoreOptions } from './campaigns/sql-store.js';
export {
  type AddedContacts,
  type Attempt,
  type Campaign,
  CampaignError,
  type CampaignStore,
  type Claim,
  type ClaimAnswer,
  type ClaimRequest,
  type Contact,
  type NewContact,
  type NotSent,
  type OpenCampaignStore,
  type PostingAnswer,
  type UncheckedCall,
  type Upkeep,
} from './campaigns/store.js';
export type { TerminalStatus } from './contract/call.js';
export type {
  AccountLimits,
  AttemptProblem,
  AttemptState,
  CampaignChange,
  CampaignProgress,
  CampaignState,
  ChangeCampaignInput,
  ContactState,
  VersionedRules,
} from './contract/campaign.js';
export type {
  CallingWindow,
  CampaignRules,
  CampaignRulesInput,
  Disposition,
  RetriedDisposition,
  Weekday,
} from './contract/campaign-rules.js';
export type { DurationInput } from './contract/duration.js';
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
} from './outcomes/store.js';
export { DEFAULT_OUTCOMES_URL, type OutcomesTarget, parseOutcomesUrl } from './outcomes/url.js';
