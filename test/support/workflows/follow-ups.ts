import { CancellationScope, createNexusServiceClient } from '@temporalio/workflow';

import {
  type MonitorOutboundCallInput,
  type MonitorOutboundCallResult,
  outboundCallsService,
} from '../../../src/nexus.js';
import { awaitCallOutcome } from '../../../src/workflows.js';
import { type Report, reportOn } from '../follow-up-report.js';

/** The workflows of `examples/python` and `examples/go`, in TypeScript. */

export async function FollowUp(call: MonitorOutboundCallInput): Promise<Report> {
  return await reportUnlessCancelled(call, awaitCallOutcome(call));
}

export async function FollowUpViaNexus(call: MonitorOutboundCallInput): Promise<Report> {
  const calls = createNexusServiceClient({ endpoint: 'outbound-calls', service: outboundCallsService });
  const outcome = calls.executeOperation('monitorOutboundCall', call, { cancellationType: 'ABANDON' });
  return await reportUnlessCancelled(call, outcome);
}

async function reportUnlessCancelled(
  { callSid }: MonitorOutboundCallInput,
  outcome: Promise<MonitorOutboundCallResult>,
): Promise<Report> {
  const report = await reportOn(callSid, outcome);
  const { consideredCancelled, cancelRequested } = CancellationScope.current();
  if (consideredCancelled) await cancelRequested;
  return report;
}
