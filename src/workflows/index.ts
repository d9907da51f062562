export { monitorOutboundCall } from './monitor-outbound-call.js';
export { nudgeSignal, progressQuery } from './messages.js';
export { monitorWorkflowId } from '../contract/index.js';
