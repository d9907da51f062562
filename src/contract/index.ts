export { CALL_SID_EXPECTATION, isCallSid } from './call-sid.js';
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
  type CallObservation,
  type GetStatusInput,
  type GetStatusResult,
  type HoldProgress,
  type HoldRequest,
} from './get-status.js';
export { monitorFailureOf, type MonitorFailure } from './monitor-failure.js';
export type {
  MonitorError,
  MonitorFailureDetails,
  MonitorOutboundCallInput,
  MonitorOutboundCallResult,
  MonitorPhase,
  MonitorProgress,
  StatusChange,
} from './monitor-outbound-call.js';
export { monitorWorkflowId } from './monitor-workflow-id.js';
export {
  CALL_STATUS_SEARCH_ATTRIBUTE,
  DEFAULT_TASK_QUEUE,
  MONITOR_WORKFLOW_TYPE,
  NUDGE_SIGNAL_NAME,
  PROGRESS_QUERY_NAME,
} from './names.js';
export { backoffMs, jitter, JITTER, MIN_POLL_INTERVAL_MS, RETRY_BACKOFF } from './polling-pace.js';
