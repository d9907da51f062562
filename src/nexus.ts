export type { TerminalStatus } from './contract/call.js';
export type { DurationInput } from './contract/duration.js';
export type { MonitorOutboundCallInput, MonitorOutboundCallResult } from './contract/monitor.js';
export { NEXUS_SERVICE_NAME } from './contract/names.js';
export type { ObservedCall, CallObservation, MonitorError, StatusChange } from './contract/observation.js';
export { outboundCallsService } from './nexus/service.js';
