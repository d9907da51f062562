export type { TerminalStatus } from './contract/call.js';
export {
  type CompletionFailure,
  type CompletionSignal,
  MONITOR_ENDED_FAILURE_TYPE,
  type MonitorCompletion,
  type NotifyWhenEndedInput,
} from './contract/completion.js';
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
export type { DurationInput } from './contract/duration.js';
export { type FailureType, type MonitorFailure, monitorFailureOf } from './contract/failures.js';
export type {
  MonitorFailureDetails,
  MonitorOutboundCallInput,
  MonitorOutboundCallResult,
  MonitorPhase,
  MonitorProgress,
} from './contract/monitor.js';
export { campaignWorkflowId, monitorWorkflowId } from './contract/names.js';
export type { CallObservation, MonitorError, ObservedCall, StatusChange } from './contract/observation.js';
export type { RegionalRule, RegionalRulesInput, RegionalRuleSource } from './contract/regional-rules.js';
export type { MonitorAlarm } from './contract/retention.js';
export { awaitCallOutcome, type AwaitCallOutcomeOptions } from './workflows/await-call-outcome.js';
export {
  campaignProgressQuery,
  cancelUpdate,
  changeLimitsUpdate,
  changeRulesUpdate,
  pauseUpdate,
  resumeUpdate,
  nudgeCampaignSignal,
  retryAmbiguousUpdate,
  retryFailedUpdate,
  type ResumeOptions,
  type StateChangeReason,
} from './workflows/campaign-messages.js';
export { callEndedSignal, notifyWhenEndedSignal, nudgeSignal, progressQuery } from './workflows/messages.js';
export { monitorOutboundCall } from './workflows/monitor-outbound-call.js';
export type { MonitorState } from './workflows/monitor-state.js';
export { runCallCampaign } from './workflows/run-call-campaign.js';
