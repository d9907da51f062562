export {
  callFailureOf,
  MONITOR_ENDED_FAILURE_TYPE,
  type CallEnd,
  type CallEnded,
  type CallFailure,
  type MonitorReading,
  type NotifyWhenEndedInput,
  type ReadMonitorInput,
} from './call-ended.js';
export { ACCOUNT_NAME_EXPECTATION, isAccountName } from './account-name.js';
export { CALL_SID_EXPECTATION, isCallSid } from './call-sid.js';
export {
  outcomeOf,
  type CallOutcome,
  type OutcomeEnding,
  type OutcomeSource,
  type StoredOutcome,
} from './call-outcome.js';
export {
  IN_PROGRESS_STATUSES,
  TERMINAL_STATUSES,
  classifyCallStatus,
  type CallStatusClass,
  type InProgressStatus,
  type TerminalStatus,
} from './call-status.js';
export { DURATION_EXPECTATION, formatDuration, parseDurationMs, type DurationInput } from './duration.js';
export { FAILURE_TYPES, isFailureType, isRetryableFailureType, type FailureType } from './failure-types.js';
export {
  GET_STATUS_TIMEOUTS,
  MAX_REQUEST_TIMEOUT_MS,
  type GetStatusInput,
  type GetStatusResult,
  type HoldProgress,
  type HoldRequest,
  type KnownCall,
  type OutcomeStoreState,
} from './get-status.js';
export { monitorFailureOf, type MonitorFailure } from './monitor-failure.js';
export type {
  MonitorFailureDetails,
  MonitorOutboundCallInput,
  MonitorOutboundCallResult,
  MonitorPhase,
  MonitorProgress,
} from './monitor-outbound-call.js';
export { monitorWorkflowId } from './monitor-workflow-id.js';
export {
  ALARM_SEARCH_ATTRIBUTE,
  CALL_ENDED_SIGNAL_NAME,
  CALL_STATUS_SEARCH_ATTRIBUTE,
  DEFAULT_TASK_QUEUE,
  GET_STATUS_ACTIVITY_TYPE,
  MONITOR_WORKFLOW_TYPE,
  NOTIFY_WHEN_ENDED_SIGNAL_NAME,
  NUDGE_SIGNAL_NAME,
  PROGRESS_QUERY_NAME,
} from './names.js';
export { alarmOf, type AlarmSource, type MonitorAlarm } from './monitor-alarm.js';
export {
  ALARM_AFTER_MS,
  atRiskFromMs,
  isAtRisk,
  OUTCOME_KEPT_MS,
  outcomeSafeUntil,
  type WatchedCall,
} from './outcome-budget.js';
export { backoffMs, jitter, JITTER, MIN_POLL_INTERVAL_MS, RETRY_BACKOFF } from './polling-pace.js';
export { withChanges, type CallObservation, type MonitorError, type StatusChange } from './observation.js';
