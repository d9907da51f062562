export type { AccountClients, StatusSource } from './activities/accounts.js';
export type { StatusUpdates } from './activities/status-updates.js';
export { DEFAULT_CALLS_AT_ONCE, holdingWorkerOptions, type HoldingWorkerOptions } from './activities/worker-options.js';
export type { Attempt, Campaign, Contact, NewContact } from './campaigns/records.js';
export type {
  AddedContacts,
  CampaignStore,
  Claim,
  ClaimAnswer,
  ClaimRequest,
  NotSent,
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
export type { FailureType } from './contract/failures.js';
export type { CallObservation, MonitorError, ObservedCall, StatusChange } from './contract/observation.js';
export type { FailureReason, OutcomeRecord, StoredOutcome } from './contract/outcome.js';
export type {
  RegionalRule,
  RegionalRulesChoice,
  RegionalRulesInForce,
  RegionalRulesInput,
  RegionalRuleSource,
} from './contract/regional-rules.js';
export type { OutcomeQuery, OutcomeStore, StoreRequestOptions } from './outcomes/store.js';
export type { TokenRejection } from './polyai/auth-circuit.js';
export { type CallStatus, PolyAiClient, type TriggerCallRequest } from './polyai/client.js';
export type { TokenFunction, TokenRequest } from './polyai/credentials.js';
export { PolyAiError, type PolyAiErrorKind, type PolyAiErrorOptions } from './polyai/errors.js';
export type { Throttling } from './polyai/throttling.js';
export type { PolyAiClientOptions, RequestOptions } from './polyai/options.js';
export { type PolyAiRegion, REGION_BASE_URLS } from './polyai/regions.js';
export { tokenFile } from './polyai/token-file.js';
export { createWorker, type CreateWorkerOptions } from './worker/create-worker.js';
export { PolyAiPlugin, type PolyAiPluginOptions } from './worker/plugin.js';
export type { SearchAttributeMode } from './worker/search-attribute-mode.js';
