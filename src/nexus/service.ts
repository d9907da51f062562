import { operation, service } from 'nexus-rpc';

import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../contract/monitor.js';
import { NEXUS_SERVICE_NAME } from '../contract/names.js';

/**
 * The Nexus service of this package. Its operation `monitorOutboundCall` has the input and the result of the workflow of that
 * name. May be imported by workflow code.
 *
 * @example
 * const calls = createNexusServiceClient({ endpoint: 'outbound-calls', service: outboundCallsService });
 * const { status, reason } = await calls.executeOperation('monitorOutboundCall', { callSid });
 */
export const outboundCallsService = service(NEXUS_SERVICE_NAME, {
  monitorOutboundCall: operation<MonitorOutboundCallInput, MonitorOutboundCallResult>(),
});
