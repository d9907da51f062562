import { executeChild } from '@temporalio/workflow';

import type { MonitorOutboundCallResult } from '../../../src/index.js';
import { monitorOutboundCall, monitorWorkflowId } from '../../../src/workflows.js';

/** A caller's workflow that monitors calls side by side as children. */
export async function monitorAsChildren(callSids: string[]): Promise<MonitorOutboundCallResult[]> {
  return await Promise.all(
    callSids.map((callSid) =>
      executeChild(monitorOutboundCall, {
        workflowId: monitorWorkflowId(callSid),
        args: [{ callSid, polling: { interval: 300 } }],
      }),
    ),
  );
}
