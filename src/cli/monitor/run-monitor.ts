import { setTimeout as delay } from 'node:timers/promises';
import { type Client, isGrpcDeadlineError, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import type { MonitorDescription } from '../../client/describe-monitor.js';
import type { MonitorHandle } from '../../client/monitor-handle.js';
import { startMonitor } from '../../client/start-monitor.js';
import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../../contract/monitor.js';
import { loadTaskQueue } from '../../worker/config.js';
import { Interruption } from '../../platform/interruption.js';
import { withTemporal } from '../temporal.js';
import { EXIT_CODES, type ExitCode } from '../terminal.js';
import { createDisplay, type Display } from './display.js';

interface RunMonitorOptions {
  readonly input: MonitorOutboundCallInput;
  readonly taskQueue: string | undefined;
  readonly json: boolean;
}

/** Starts or attaches to a monitor, follows it to its end, and prints how that was. */
export async function runMonitor({ input, taskQueue = loadTaskQueue(), json }: RunMonitorOptions): Promise<ExitCode> {
  return await withTemporal(async (client) => {
    const monitor = await startMonitor(client, input, { taskQueue });
    const signal = new Interruption().signal;
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

const LOOK_EVERY_MS = 500;
const LOOK_TIMEOUT_MS = 5_000;

interface FollowMonitorOptions {
  readonly client: Client;
  readonly monitor: MonitorHandle;
  readonly display: Display;
  /** Ends the following with an `AbortError`. */
  readonly signal: AbortSignal;
}

/** Shows a monitor until it has ended. Outlasts an outage of Temporal. */
async function followMonitor({ client, monitor, display, signal }: FollowMonitorOptions): Promise<void> {
  for (;;) {
    const view = await lookInTime(client, monitor);
    if (view) display.show(view);
    else display.note(`Temporal does not answer for ${monitor.callSid}; trying on`);
    if (view && view.state !== 'RUNNING') return;
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function lookInTime(client: Client, monitor: MonitorHandle): Promise<MonitorDescription | undefined> {
  try {
    return await client.withDeadline(Date.now() + LOOK_TIMEOUT_MS, () => monitor.describe());
  } catch (error) {
    if (isGrpcDeadlineError(error)) return undefined;
    throw error;
  }
}

/** How a monitor ended. */
export type MonitorOutcome =
  | { readonly kind: 'result'; readonly result: MonitorOutboundCallResult }
  | { readonly kind: 'failure'; readonly error: MonitorFailureView };

interface MonitorFailureView {
  /** A `FailureType`, or what Temporal calls the failure, such as `CancelledFailure`. */
  readonly type: string;
  readonly message: string;
}

/** Waits for the end of a monitor. */
export async function outcomeOf(monitor: MonitorHandle): Promise<MonitorOutcome> {
  try {
    return { kind: 'result', result: await monitor.result() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const type = (cause instanceof ApplicationFailure ? cause.type : undefined) ?? cause?.name ?? error.name;
    return { kind: 'failure', error: { type, message: cause?.message || error.message } };
  }
}

export function exitCodeOf(outcome: MonitorOutcome): ExitCode {
  if (outcome.kind === 'failure') return EXIT_CODES.monitorFailed;
  return outcome.result.status === 'success' ? EXIT_CODES.done : EXIT_CODES.callFailed;
}

/** The outcome for people. */
export function renderOutcome(callSid: string, outcome: MonitorOutcome): string {
  if (outcome.kind === 'failure') {
    return `${callSid}: the monitor ended without a final status\n  ${outcome.error.type}: ${outcome.error.message}`;
  }
  const { status, reason, polls, timeline, finishedAt } = outcome.result;
  return [
    `${callSid}: ${status}`,
    ...(reason ? [`  reason    ${reason}`] : []),
    `  finished  ${finishedAt} after ${countPolls(polls)}`,
    ...timeline.map(({ status: word, at }, index) => `  ${index === 0 ? 'timeline' : '        '}  ${at} ${word}`),
  ].join('\n');
}

/** `1 poll`, `2 polls`. */
export function countPolls(polls: number): string {
  return `${polls} ${polls === 1 ? 'poll' : 'polls'}`;
}
