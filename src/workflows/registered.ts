/** The workflow types of this package: a worker takes every function that its workflows module exports for one. */
export { monitorOutboundCall } from './monitor-outbound-call.js';
export { runCallCampaign } from './run-call-campaign.js';
