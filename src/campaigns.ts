export type { CampaignPlan, PlannedContact, PlanOptions, PlanProgress } from './campaigns/plan/campaign-plan.js';
export { dispositionReceiver, type DispositionReceiverOptions } from './campaigns/disposition-receiver.js';
export { CampaignError } from './campaigns/errors.js';
export { openCampaignStore } from './campaigns/open.js';
export type {
  Attempt,
  Campaign,
  Contact,
  NewContact,
  PersonalData,
  PersonToErase,
  Suppression,
} from './campaigns/records.js';
export type { SqlCampaignStoreOptions } from './campaigns/sql-store.js';
export type {
  AddedContacts,
  CampaignStore,
  Claim,
  ClaimAnswer,
  ClaimRequest,
  NotSent,
  OpenCampaignStore,
  PostingAnswer,
  UncheckedCall,
  Upkeep,
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
  KnownDatabase,
  RetryFailedOptions,
  VersionedRules,
} from './contract/campaign.js';
export type { CallingWindow, Weekday } from './contract/calling-window.js';
export type { CampaignRules, CampaignRulesInput } from './contract/campaign-rules.js';
export type { Disposition, ReportedDisposition, RetriedDisposition } from './contract/disposition.js';
export type { DispositionReport, RecordedDisposition, StoredDispositionReport } from './contract/disposition-report.js';
export type { DurationInput } from './contract/duration.js';
export type { AttemptOutsideDatabase, ReconciledAttempts } from './contract/reconciliation.js';
export { CampaignRulesError } from './contract/rule-fields.js';
export type {
  RegionalRule,
  RegionalRulesChoice,
  RegionalRulesInForce,
  RegionalRulesInput,
  RegionalRuleSource,
} from './contract/regional-rules.js';
export { OutcomeStoreError, type OutcomeStoreErrorCode, type OutcomeStoreProblem } from './outcomes/store.js';
