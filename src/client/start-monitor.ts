import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import { CALL_SID_EXPECTATION, isCallSid } from '../contract/call.js';
import type { MonitorOutboundCallInput } from '../contract/monitor.js';
import { DEFAULT_TASK_QUEUE, MONITOR_WORKFLOW_TYPE, monitorWorkflowId } from '../contract/names.js';
import { MonitorHandle } from './monitor-handle.js';

export interface StartMonitorOptions {
  /**
   * The task queue that the worker polls.
   * @default "polyai-outbound-calls"
   */
  readonly taskQueue?: string | undefined;
}

/**
 * Starts the monitor of a call, or attaches to the one that runs or has completed: a call has one monitor, however
 * many ask for it. A monitor that failed, was cancelled or terminated is started again.
 *
 * @param client a Temporal client
 * @param input what to monitor; when a monitor is there already, its own settings stay
 * @throws {TypeError} for a call SID that cannot be one
 */
export async function startMonitor(
  client: Client,
  input: MonitorOutboundCallInput,
  { taskQueue = DEFAULT_TASK_QUEUE }: StartMonitorOptions = {},
): Promise<MonitorHandle> {
  const { callSid } = input;
  if (!isCallSid(callSid)) throw new TypeError(`invalid callSid: ${CALL_SID_EXPECTATION}`);
  const workflowId = monitorWorkflowId(callSid);
  try {
    await client.workflow.start(MONITOR_WORKFLOW_TYPE, {
      workflowId,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      staticSummary: `PolyAI outbound call ${callSid}`,
      memo: { callSid },
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return new MonitorHandle(client, callSid, workflowId);
}

/**
 * The monitor of a call that has been started by anyone.
 *
 * @throws {TypeError} for a call SID that cannot be one
 */
export function getMonitor(client: Client, callSid: string): MonitorHandle {
  if (!isCallSid(callSid)) throw new TypeError(`invalid callSid: ${CALL_SID_EXPECTATION}`);
  return new MonitorHandle(client, callSid, monitorWorkflowId(callSid));
}
