import { createNexusServiceClient, CancellationScope, isCancellation } from '@temporalio/workflow';

import {
  type MonitorOutboundCallInput,
  type MonitorOutboundCallResult,
  outboundCallsService,
} from '../../../src/nexus.js';

/** Another team's workflow: it knows the endpoint and the service, and nothing else. */
export async function callViaNexus(
  endpoint: string,
  input: MonitorOutboundCallInput,
): Promise<MonitorOutboundCallResult> {
  const calls = createNexusServiceClient({ endpoint, service: outboundCallsService });
  return await calls.executeOperation('monitorOutboundCall', input);
}

/** Gives up as soon as it is cancelled. */
export async function abandonViaNexus(endpoint: string, input: MonitorOutboundCallInput): Promise<string> {
  const calls = createNexusServiceClient({ endpoint, service: outboundCallsService });
  try {
    await calls.executeOperation('monitorOutboundCall', input, { cancellationType: 'ABANDON' });
    return 'completed';
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return await CancellationScope.nonCancellable(() => Promise.resolve('abandoned'));
  }
}
