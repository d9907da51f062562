import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import { CALL_SID_FORMAT, isCallSid } from '../contract/call.js';
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
 * Starts the monitor of a call, or attaches to the one that runs or has completed: a call has one monitor, however many
 * start it. A monitor that failed, was cancelled, terminated or timed out is started again.
 *
 * @param client a Temporal client
 * @param input what to monitor; a monitor that exists already keeps its own settings
 * @throws {TypeError} for a malformed call SID
 */
export async function startMonitor(
  client: Client,
  input: MonitorOutboundCallInput,
  { taskQueue = DEFAULT_TASK_QUEUE }: StartMonitorOptions = {},
): Promise<MonitorHandle> {
  const { callSid } = input;
  const monitor = getMonitor(client, callSid);
  try {
    await client.workflow.start(MONITOR_WORKFLOW_TYPE, {
      workflowId: monitor.workflowId,
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
  return monitor;
}

/**
 * The handle of a call's monitor. Makes no request: whether the monitor exists shows at the first use.
 *
 * @throws {TypeError} for a malformed call SID
 */
export function getMonitor(client: Client, callSid: string): MonitorHandle {
  if (!isCallSid(callSid)) throw new TypeError(`invalid callSid: expected ${CALL_SID_FORMAT}`);
  return new MonitorHandle(client, callSid, monitorWorkflowId(callSid));
}
