import { getClient } from '@temporalio/activity';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';

import { completionFailureOf, type ReadMonitorResult, type ReadMonitorInput } from '../contract/completion.js';
import type { MonitorOutboundCallResult } from '../contract/monitor.js';
import { monitorWorkflowId } from '../contract/names.js';

/** The activity `readMonitor`: how the monitor of a call stands, asked of the server by the worker's own connection. */
export async function readMonitor({ callSid }: ReadMonitorInput): Promise<ReadMonitorResult> {
  const { workflow } = getClient();
  const workflowId = monitorWorkflowId(callSid);
  try {
    const { closeTime, runId } = await workflow.getHandle(workflowId).describe();
    if (!closeTime) return { state: 'running', runId };
    // Of this run: a later one would be waited for.
    const result: unknown = await workflow.getHandle(workflowId, runId).result();
    return { state: 'ended', result: result as MonitorOutboundCallResult };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return { state: 'ended', failure: completionFailureOf(callSid, error) };
    if (error instanceof WorkflowNotFoundError) return { state: 'absent' };
    throw error;
  }
}
