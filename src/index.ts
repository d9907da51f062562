export {
  CALL_STATUS_SEARCH_ATTRIBUTE,
  classifyCallStatus,
  DEFAULT_TASK_QUEUE,
  FAILURE_TYPES,
  isCallSid,
  isFailureType,
  isRetryableFailureType,
  MONITOR_WORKFLOW_TYPE,
  monitorWorkflowId,
  NUDGE_SIGNAL_NAME,
  PROGRESS_QUERY_NAME,
} from './contract/index.js';
export type {
  CallObservation,
  CallStatusClass,
  DurationInput,
  FailureType,
  InProgressStatus,
  MonitorError,
  MonitorFailureDetails,
  MonitorOutboundCallInput,
  MonitorOutboundCallResult,
  MonitorPhase,
  MonitorProgress,
  StatusChange,
  TerminalStatus,
} from './contract/index.js';
export { PolyAiClient, PolyAiError, REGION_BASE_URLS } from './polyai/index.js';
export type {
  CallStatus,
  PolyAiClientOptions,
  PolyAiErrorKind,
  PolyAiRegion,
  RequestOptions,
  Slowdown,
  TriggerCallRequest,
} from './polyai/index.js';
export { awaitMonitors, getMonitor, monitorFailureOf, MonitorHandle, startMonitor } from './client/index.js';
export type {
  AwaitMonitorsOptions,
  FollowOptions,
  LookOptions,
  MonitorFailure,
  MonitorOutcome,
  MonitorView,
  PendingPoll,
  StartMonitorOptions,
} from './client/index.js';
