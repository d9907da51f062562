export { awaitCallOutcome, type AwaitCallOutcomeOptions } from './workflows/await-call-outcome.js';
export { monitorOutboundCall } from './workflows/monitor-outbound-call.js';
export { nudgeSignal, progressQuery } from './workflows/messages.js';
export { MONITOR_ENDED_FAILURE_TYPE } from './contract/completion.js';
export { monitorFailureOf, type MonitorFailure } from './contract/failures.js';
export { monitorWorkflowId } from './contract/names.js';
