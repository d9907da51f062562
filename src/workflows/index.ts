export { awaitCallOutcome, type AwaitCallOutcomeOptions } from './await-call-outcome.js';
export { monitorOutboundCall } from './monitor-outbound-call.js';
export { nudgeSignal, progressQuery } from './messages.js';
export {
  MONITOR_ENDED_FAILURE_TYPE,
  monitorFailureOf,
  monitorWorkflowId,
  type MonitorFailure,
} from '../contract/index.js';
