import { WorkflowNotFoundError } from '@temporalio/client';

import type { MonitorHandle } from '../../client/monitor-handle.js';
import { getMonitor } from '../../client/start-monitor.js';
import { print, printJson } from '../../platform/printing.js';
import { withTemporal } from '../temporal.js';
import { CliError, EXIT_CODES, type ExitCode } from '../terminal.js';

interface RequestOptions {
  readonly callSid: string;
  readonly json: boolean;
}

interface MonitorRequest {
  /** In JSON. */
  readonly requested: 'nudge' | 'cancel';
  readonly send: (monitor: MonitorHandle) => Promise<void>;
  /** What happens now. */
  readonly says: string;
}

/** Runs `nudge`: makes a running monitor poll now. */
export async function nudgeMonitor(options: RequestOptions): Promise<ExitCode> {
  const says = 'nudged: its monitor polls as soon as a worker takes the signal';
  return await send({ requested: 'nudge', send: (monitor) => monitor.nudge(), says }, options);
}

/** Runs `cancel`: cancels a running monitor. */
export async function cancelMonitor(options: RequestOptions): Promise<ExitCode> {
  const says = 'cancellation requested: its monitor polls once more and ends; the call goes on';
  return await send({ requested: 'cancel', send: (monitor) => monitor.cancel(), says }, options);
}

/** Temporal accepts both requests without a worker, which acts on them when it runs. */
async function send(request: MonitorRequest, { callSid, json }: RequestOptions): Promise<ExitCode> {
  return await withTemporal(async (client) => {
    const monitor = getMonitor(client, callSid);
    const { workflowId } = monitor;
    try {
      // Temporal accepts the cancellation of a workflow that has ended, without a word.
      const { state } = await monitor.describe({ workerTimeoutMs: 0 });
      if (state !== 'RUNNING') throw notRunning(callSid);
      await request.send(monitor);
    } catch (error) {
      throw error instanceof WorkflowNotFoundError ? notRunning(callSid) : error;
    }
    if (json) printJson({ callSid, workflowId, requested: request.requested });
    else print(`${callSid}: ${request.says}`);
    return EXIT_CODES.done;
  });
}

function notRunning(callSid: string): CliError {
  return new CliError(`no monitor of ${callSid} runs; to see how it ended: temporal-polyai status ${callSid}`);
}
