export type { TerminalStatus } from './contract/call.js';
export type { DurationInput } from './contract/duration.js';
export type { MonitorOutboundCallInput, MonitorOutboundCallResult } from './contract/monitor.js';
export type { CallObservation, MonitorError, ObservedCall, StatusChange } from './contract/observation.js';
export { createNexusServiceHandler, type NexusServiceHandlerOptions } from './nexus/handler.js';
export { outboundCallsService } from './nexus/service.js';
