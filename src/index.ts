export { awaitCallOutcome, type AwaitCallOutcomeOptions } from './client/await-call-outcome.js';
export { awaitMonitors, type AwaitMonitorsOptions } from './client/await-monitors.js';
export type { DescribeOptions, MonitorDescription, PendingPoll } from './client/describe-monitor.js';
// eslint-disable-next-line @typescript-eslint/no-deprecated -- the names that 0.1.0 had
export type { LookOptions, MonitorView } from './client/describe-monitor.js';
export { type FollowOptions, MonitorHandle } from './client/monitor-handle.js';
export type { MonitorSettlement, SettledMonitor } from './client/monitor-service.js';
export { NoWorkerError, type NoWorkerOptions } from './client/no-worker.js';
export { getMonitor, type StartedMonitor, startMonitor, type StartMonitorOptions } from './client/start-monitor.js';
export {
  CampaignHandle,
  getCampaign,
  type StartedCampaign,
  startCampaign,
  type StartCampaignOptions,
} from './client/start-campaign.js';
export {
  type CampaignReconciliation,
  reconcileCampaign,
  type ReconcileCampaignInput,
  type ReconciledStore,
} from './client/reconcile-campaign.js';
export {
  type CallStatusClass,
  classifyCallStatus,
  type InProgressStatus,
  isCallSid,
  type TerminalStatus,
} from './contract/call.js';
export type {
  AccountLimits,
  AttemptProblem,
  AttemptState,
  CampaignProgress,
  CampaignState,
  ContactState,
  RunCallCampaignInput,
  RetryFailedOptions,
} from './contract/campaign.js';
export type { CallingWindow, Weekday } from './contract/calling-window.js';
export type { CampaignRulesInput } from './contract/campaign-rules.js';
export type { Disposition, ReportedDisposition, RetriedDisposition } from './contract/disposition.js';
export {
  type CompletionFailure,
  type CompletionSignal,
  MONITOR_ENDED_FAILURE_TYPE,
  type MonitorCompletion,
  type NotifyWhenEndedInput,
} from './contract/completion.js';
export type { DurationInput } from './contract/duration.js';
export {
  FAILURE_TYPES,
  type FailureType,
  isFailureType,
  isRetryableFailureType,
  type MonitorFailure,
  monitorFailureOf,
} from './contract/failures.js';
export type { PollProgress, PollReport } from './contract/get-status.js';
export type {
  MonitorFailureDetails,
  MonitorOutboundCallInput,
  MonitorOutboundCallResult,
  MonitorPhase,
  MonitorProgress,
} from './contract/monitor.js';
export {
  ALARM_SEARCH_ATTRIBUTE,
  CALL_ENDED_SIGNAL_NAME,
  CALL_STATUS_SEARCH_ATTRIBUTE,
  CAMPAIGN_UPDATE_NAMES,
  CAMPAIGN_WORKFLOW_TYPE,
  campaignWorkflowId,
  DEFAULT_TASK_QUEUE,
  MONITOR_WORKFLOW_TYPE,
  monitorWorkflowId,
  NOTIFY_WHEN_ENDED_SIGNAL_NAME,
  NUDGE_SIGNAL_NAME,
  PROGRESS_QUERY_NAME,
} from './contract/names.js';
export type { CallObservation, MonitorError, ObservedCall, StatusChange } from './contract/observation.js';
export type { AttemptOutsideDatabase, ReconciledAttempts } from './contract/reconciliation.js';
export type { RegionalRule, RegionalRulesInput, RegionalRuleSource } from './contract/regional-rules.js';
export type { MonitorAlarm } from './contract/retention.js';
export type { TokenRejection } from './polyai/auth-circuit.js';
export { type CallStatus, PolyAiClient, type TriggerCallRequest } from './polyai/client.js';
export type { TokenFunction, TokenRequest } from './polyai/credentials.js';
export { PolyAiError, type PolyAiErrorKind, type PolyAiErrorOptions } from './polyai/errors.js';
export type { Throttling } from './polyai/throttling.js';
export type { PolyAiClientOptions, RequestOptions } from './polyai/options.js';
export { type PolyAiRegion, REGION_BASE_URLS } from './polyai/regions.js';
export { tokenFile } from './polyai/token-file.js';
