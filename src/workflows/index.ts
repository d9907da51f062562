export { monitorOutboundCall } from './monitor-outbound-call.js';
export { nudgeSignal, progressQuery } from './messages.js';
export { monitorFailureOf, monitorWorkflowId, type MonitorFailure } from '../contract/index.js';
