export { classifyCallStatus, isCallSid } from './contract/call.js';
export { MONITOR_ENDED_FAILURE_TYPE } from './contract/completion.js';
export { FAILURE_TYPES, isFailureType, isRetryableFailureType } from './contract/failures.js';
export {
  CALL_ENDED_SIGNAL_NAME,
  CALL_STATUS_SEARCH_ATTRIBUTE,
  DEFAULT_TASK_QUEUE,
  MONITOR_WORKFLOW_TYPE,
  monitorWorkflowId,
  NOTIFY_WHEN_ENDED_SIGNAL_NAME,
  NUDGE_SIGNAL_NAME,
  PROGRESS_QUERY_NAME,
} from './contract/names.js';
export type { CallStatusClass, InProgressStatus, TerminalStatus } from './contract/call.js';
export type { DurationInput } from './contract/duration.js';
export type { FailureType } from './contract/failures.js';
export type {
  MonitorFailureDetails,
  MonitorOutboundCallInput,
  MonitorOutboundCallResult,
  MonitorPhase,
  MonitorProgress,
} from './contract/monitor.js';
export type { CallObservation, MonitorError, ObservedCall, StatusChange } from './contract/observation.js';
export { REGION_BASE_URLS } from './polyai/regions.js';
export { PolyAiClient } from './polyai/client.js';
export { PolyAiError } from './polyai/errors.js';
export { tokenFile } from './polyai/token-file.js';
export type { PolyAiRegion } from './polyai/regions.js';
export type { PolyAiClientOptions, RequestOptions } from './polyai/options.js';
export type { TokenFunction, TokenRequest } from './polyai/credentials.js';
export type { CallStatus, TriggerCallRequest } from './polyai/client.js';
export type { PolyAiErrorKind } from './polyai/errors.js';
export type { TokenRejection } from './polyai/auth-circuit.js';
export type { Throttling } from './polyai/limiter.js';
export { awaitCallOutcome } from './client/await-call-outcome.js';
export { awaitMonitors } from './client/await-monitors.js';
export { MonitorHandle } from './client/monitor-handle.js';
export { getMonitor, startMonitor } from './client/start-monitor.js';
export { monitorFailureOf } from './contract/failures.js';
export type { AwaitCallOutcomeOptions } from './client/await-call-outcome.js';
export type { AwaitMonitorsOptions } from './client/await-monitors.js';
export type { FollowOptions } from './client/monitor-handle.js';
export type { SettledMonitor } from './client/server.js';
export type { DescribeOptions, MonitorDescription, PendingPoll } from './client/describe-monitor.js';
// eslint-disable-next-line @typescript-eslint/no-deprecated -- the names that 0.1.0 had
export type { LookOptions, MonitorView } from './client/describe-monitor.js';
export type { StartMonitorOptions } from './client/start-monitor.js';
export type { MonitorFailure } from './contract/failures.js';
