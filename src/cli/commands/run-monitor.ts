import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import type { MonitorDescription } from '../../client/describe-monitor.js';
import type { MonitorHandle } from '../../client/monitor-handle.js';
import { startMonitor } from '../../client/start-monitor.js';
import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../../contract/monitor.js';
import { isTimeout } from '../../platform/grpc.js';
import { Interruption } from '../../platform/interruption.js';
import { counted, oneLine, print, printError, printJson } from '../../platform/printing.js';
import { loadTaskQueue } from '../../worker/environment.js';
import { DISPLAY_TIMEOUT_MS, withTemporal } from '../temporal.js';
import { EXIT_CODES, type ExitCode, exitCodeOfCall } from '../terminal.js';
import { createMonitorDisplay } from './monitor-display.js';

interface MonitorOptions {
  readonly input: MonitorOutboundCallInput;
  readonly taskQueue: string | undefined;
  readonly json: boolean;
}

/** Runs `monitor`: starts a monitor or attaches to one, follows it to its completion, and prints how it ended. */
export async function runMonitor({ input, taskQueue = loadTaskQueue(), json }: MonitorOptions): Promise<ExitCode> {
  return await withTemporal(async (client) => {
    const monitor = await startMonitor(client, input, { taskQueue });
    const { callSid } = monitor;
    const { signal } = new Interruption();
    try {
      return await client.withAbortSignal(signal, async () => {
        await followToCompletion(client, monitor, signal);
        const { result, error } = await completionOf(monitor);
        if (json) printJson(result ?? { callSid, error });
        else print(renderCompletion(callSid, { result, error }));
        return exitCodeOfCall(result?.status);
      });
    } catch (error) {
      if (!signal.aborted) throw error;
      printError(`the monitor of ${callSid} goes on; to attach again: temporal-polyai monitor ${callSid}`);
      return EXIT_CODES.interrupted;
    }
  });
}

const DESCRIBE_EVERY_MS = 500;

/** Shows a monitor on stderr until it has ended. An outage of Temporal does not stop it. */
async function followToCompletion(client: Client, monitor: MonitorHandle, signal: AbortSignal): Promise<void> {
  const display = createMonitorDisplay(process.stderr);
  try {
    for (;;) {
      const description = await describeInTime(client, monitor);
      if (description) display.show(description);
      else display.note(`Temporal does not answer for ${monitor.callSid}; trying again`);
      if (description && description.state !== 'RUNNING') return;
      await delay(DESCRIBE_EVERY_MS, undefined, { signal });
    }
  } finally {
    display.end();
  }
}

async function describeInTime(client: Client, monitor: MonitorHandle): Promise<MonitorDescription | undefined> {
  try {
    return await client.withDeadline(Date.now() + DISPLAY_TIMEOUT_MS, () => monitor.describe());
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  }
}

/** How a monitor ended, as the command line prints it. */
export interface PrintedCompletion {
  readonly result?: MonitorOutboundCallResult | undefined;
  /** In place of a result. `type` is a `FailureType`, or Temporal's name of the failure, such as `CancelledFailure`. */
  readonly error?: { readonly type: string; readonly message: string } | undefined;
}

/** Waits for the completion of a monitor. */
export async function completionOf(monitor: MonitorHandle): Promise<PrintedCompletion> {
  try {
    return { result: await monitor.result() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const type = (cause instanceof ApplicationFailure ? cause.type : undefined) ?? cause?.name ?? error.name;
    return { error: { type, message: cause?.message || error.message } };
  }
}

/** The completion of a monitor as text. */
export function renderCompletion(callSid: string, { result, error }: PrintedCompletion): string {
  if (!result)
    return `${callSid}: the monitor ended without a terminal status\n  ${oneLine(`${error?.type}: ${error?.message}`)}`;
  const { status, reason, polls, timeline, finishedAt } = result;
  return [
    `${callSid}: ${status}`,
    ...(reason ? [`  reason    ${oneLine(reason)}`] : []),
    `  finished  ${finishedAt} after ${counted(polls, 'poll')}`,
    ...timeline.map(
      (entry, index) => `  ${index === 0 ? 'timeline' : '        '}  ${entry.at} ${oneLine(entry.status)}`,
    ),
  ].join('\n');
}
