import { getClient } from '@temporalio/activity';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';

import { completionFailureOf, type ReadMonitorInput, type ReadMonitorResult } from '../contract/completion.js';
import type { MonitorOutboundCallResult } from '../contract/monitor.js';
import { monitorWorkflowId } from '../contract/names.js';

/**
 * The activity `readMonitor`: whether the monitor of a call is running or how it ended. Reads it from the Temporal server,
 * over the worker's connection.
 */
export async function readMonitor({ callSid }: ReadMonitorInput): Promise<ReadMonitorResult> {
  const { workflow } = getClient();
  const workflowId = monitorWorkflowId(callSid);
  try {
    const { closeTime, runId } = await workflow.getHandle(workflowId).describe();
    if (!closeTime) return { state: 'running', runId };
    // With the run ID: without it `result` would wait for a run that began since.
    const result: unknown = await workflow.getHandle(workflowId, runId).result();
    return { state: 'ended', result: result as MonitorOutboundCallResult };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return { state: 'ended', failure: completionFailureOf(callSid, error) };
    if (error instanceof WorkflowNotFoundError) return { state: 'absent' };
    throw error;
  }
}
