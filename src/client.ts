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
export type { TerminalStatus } from './contract/call.js';
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
export { MONITOR_ENDED_FAILURE_TYPE } from './contract/completion.js';
export type { DurationInput } from './contract/duration.js';
export { type FailureType, type MonitorFailure, monitorFailureOf } from './contract/failures.js';
export type { PollProgress, PollReport } from './contract/get-status.js';
export type {
  MonitorFailureDetails,
  MonitorOutboundCallInput,
  MonitorOutboundCallResult,
  MonitorPhase,
  MonitorProgress,
} from './contract/monitor.js';
export type { CallObservation, MonitorError, ObservedCall, StatusChange } from './contract/observation.js';
export type { AttemptOutsideDatabase, ReconciledAttempts } from './contract/reconciliation.js';
export type { RegionalRule, RegionalRulesInput, RegionalRuleSource } from './contract/regional-rules.js';
export type { MonitorAlarm } from './contract/retention.js';
