export { awaitCallOutcome, type AwaitCallOutcomeOptions } from './await-call-outcome.js';
export { monitorOutboundCall } from './monitor-outbound-call.js';
export { nudgeSignal, progressQuery } from './messages.js';
export { MONITOR_ENDED_FAILURE_TYPE } from '../contract/completion.js';
export { monitorFailureOf, type MonitorFailure } from '../contract/failures.js';
export { monitorWorkflowId } from '../contract/names.js';
