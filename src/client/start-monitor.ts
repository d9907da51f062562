import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowStartOptions } from '@temporalio/client';

import { requireCallSid } from '../contract/call.js';
import { DURATION_FORMAT, type DurationInput, parseDurationMs } from '../contract/duration.js';
import type { MonitorOutboundCallInput } from '../contract/monitor.js';
import { DEFAULT_TASK_QUEUE, MONITOR_WORKFLOW_TYPE, monitorWorkflowId } from '../contract/names.js';
import { monitorStartOptions } from '../contract/start-options.js';
import { MonitorHandle } from './monitor-handle.js';

export interface StartMonitorOptions {
  /**
   * The task queue that the worker polls.
   * @default "polyai-outbound-calls"
   */
  readonly taskQueue?: string | undefined;
  /**
   * Memo fields of your own. `callSid`, `callStatus` and `callReason` are the monitor's.
   * @default only the monitor's fields
   */
  readonly memo?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Search attributes of your own, which must be registered in the namespace.
   * @default none
   */
  readonly typedSearchAttributes?: WorkflowStartOptions['typedSearchAttributes'] | undefined;
  /**
   * Temporal's task priority and fairness key. Activities of the monitor inherit it.
   * @default the task queue's default
   */
  readonly priority?: WorkflowStartOptions['priority'] | undefined;
  /**
   * How long the server waits before the monitor begins: a number of milliseconds or text such as `"30s"`. The monitor's
   * deadline includes it.
   * @default 0
   */
  readonly startDelay?: DurationInput | undefined;
}

/** A monitor that {@link startMonitor} has started or attached to. */
export class StartedMonitor extends MonitorHandle {
  /** `false` if the monitor existed already: its own settings hold, and not those of this start. */
  readonly isNew: boolean;

  constructor(client: Client, callSid: string, isNew: boolean) {
    super(client, callSid, monitorWorkflowId(callSid));
    this.isNew = isNew;
  }
}

/**
 * Starts the monitor of a call, or attaches to the one that runs or has completed: a call has one monitor, however many
 * start it. A monitor that failed, was cancelled, terminated or timed out is started again.
 *
 * @param client a Temporal client
 * @param input what to monitor; a monitor that exists already keeps its own settings
 * @throws {TypeError} for a malformed call SID or start delay
 */
export async function startMonitor(
  client: Client,
  input: MonitorOutboundCallInput,
  { taskQueue = DEFAULT_TASK_QUEUE, startDelay, ...options }: StartMonitorOptions = {},
): Promise<StartedMonitor> {
  const { callSid } = input;
  requireCallSid(callSid);
  const { memo, typedSearchAttributes, priority } = options;
  const startDelayMs = parseStartDelayMs(startDelay);
  try {
    await client.workflow.start(MONITOR_WORKFLOW_TYPE, {
      taskQueue,
      args: [input],
      // Fails for a monitor that runs, as the reuse policy does for one that has completed: the client does not tell otherwise.
      workflowIdConflictPolicy: 'FAIL',
      ...monitorStartOptions(callSid, { memo }),
      ...(typedSearchAttributes && { typedSearchAttributes }),
      ...(priority && { priority }),
      ...(startDelayMs > 0 && { startDelay: startDelayMs }),
    });
    return new StartedMonitor(client, callSid, true);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return new StartedMonitor(client, callSid, false);
  }
}

/**
 * The handle of a call's monitor. Makes no request: whether the monitor exists shows at the first use.
 *
 * @throws {TypeError} for a malformed call SID
 */
export function getMonitor(client: Client, callSid: string): MonitorHandle {
  requireCallSid(callSid);
  return new MonitorHandle(client, callSid, monitorWorkflowId(callSid));
}

function parseStartDelayMs(startDelay: DurationInput = 0): number {
  const ms = parseDurationMs(startDelay);
  if (ms === undefined) throw new TypeError(`invalid startDelay: expected ${DURATION_FORMAT}`);
  return ms;
}
