import type { Client } from '@temporalio/client';

import type { MonitorHandle } from '../../client/monitor-handle.js';
import { startMonitor } from '../../client/start-monitor.js';
import type { MonitorOutboundCallInput } from '../../contract/monitor.js';
import { loadTaskQueue } from '../../worker/config.js';
import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import { interruption } from '../interruption.js';
import { withTemporal } from '../temporal.js';
import { createDisplay } from './display.js';
import { followMonitor } from './follow-monitor.js';
import { exitCodeOf, outcomeOf, renderOutcome } from './monitor-outcome.js';

export interface RunMonitorOptions {
  readonly input: MonitorOutboundCallInput;
  readonly taskQueue: string | undefined;
  readonly json: boolean;
}

/** Starts or attaches to a monitor, follows it to its end, and prints how that was. */
export async function runMonitor({ input, taskQueue = loadTaskQueue(), json }: RunMonitorOptions): Promise<ExitCode> {
  return await withTemporal(async (client) => {
    const monitor = await startMonitor(client, input, { taskQueue });
    const signal = interruption();
    try {
      return await client.withAbortSignal(signal, () => followToEnd(client, monitor, { json, signal }));
    } catch (error) {
      if (!signal.aborted) throw error;
      const { callSid } = monitor;
      console.error(`the monitor of ${callSid} goes on; to attach again: temporal-polyai monitor ${callSid}`);
      return EXIT_CODES.interrupted;
    }
  });
}

interface FollowToEndOptions {
  readonly json: boolean;
  readonly signal: AbortSignal;
}

async function followToEnd(
  client: Client,
  monitor: MonitorHandle,
  { json, signal }: FollowToEndOptions,
): Promise<ExitCode> {
  const display = createDisplay(process.stderr);
  try {
    await followMonitor({ client, monitor, display, signal });
  } finally {
    display.end();
  }
  const { callSid } = monitor;
  const outcome = await outcomeOf(monitor);
  const printed = outcome.kind === 'result' ? outcome.result : { callSid, error: outcome.error };
  console.log(json ? JSON.stringify(printed) : renderOutcome(callSid, outcome));
  return exitCodeOf(outcome);
}
