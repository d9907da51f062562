import { WorkflowNotFoundError } from '@temporalio/client';

import type { MonitorDescription, PendingPoll } from '../../client/describe-monitor.js';
import type { MonitorHandle } from '../../client/monitor-handle.js';
import { getMonitor } from '../../client/start-monitor.js';
import { counted, oneLine, print, printJson } from '../../platform/printing.js';
import { withTemporal } from '../temporal.js';
import { CliError, EXIT_CODES, type ExitCode, exitCodeOfCall } from '../terminal.js';
import { completionOf, type PrintedCompletion, renderCompletion } from './run-monitor.js';

interface StatusOptions {
  readonly callSid: string;
  readonly json: boolean;
}

/** Runs `status`: prints what Temporal knows about a monitor, without a worker. */
export async function runStatus({ callSid, json }: StatusOptions): Promise<ExitCode> {
  return await withTemporal(async (client) => {
    const monitor = getMonitor(client, callSid);
    const description = await describe(monitor);
    const completion = description.state === 'RUNNING' ? undefined : await completionOf(monitor);
    if (json) printJson(jsonOf(monitor, description, completion));
    else print(completion ? renderCompletion(callSid, completion) : renderRunning(description));
    return completion ? exitCodeOfCall(completion.result?.status) : EXIT_CODES.done;
  });
}

async function describe(monitor: MonitorHandle): Promise<MonitorDescription> {
  try {
    return await monitor.describe({ workerTimeoutMs: 0 });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const { callSid } = monitor;
    throw new CliError(`Temporal has no monitor of ${callSid}; start one with: temporal-polyai monitor ${callSid}`);
  }
}

function jsonOf(
  { callSid, workflowId }: MonitorHandle,
  description: MonitorDescription,
  completion: PrintedCompletion | undefined,
): object {
  const { callStatus: status, callReason: reason, startedAt, closedAt, pendingPoll, outcomeSafeUntil } = description;
  const state = description.state.toLowerCase();
  const seen = { status, reason, startedAt, closedAt, pendingPoll, outcomeSafeUntil };
  return { callSid, workflowId, state, ...seen, ...completion };
}

function renderRunning(description: MonitorDescription): string {
  const { callSid, callStatus = 'not observed yet', startedAt, pendingPoll: poll, outcomeSafeUntil } = description;
  const lastError = poll?.held?.lastError ?? poll?.lastFailure;
  return [
    `${callSid}: ${oneLine(callStatus)}`,
    `  monitored since ${startedAt.toISOString()}`,
    ...(poll ? [renderPoll(poll)] : []),
    ...(lastError
      ? [oneLine(`the last poll failed: ${lastError.type}: ${lastError.message}`)].map((line) => `  ${line}`)
      : []),
    ...(lastError && outcomeSafeUntil ? [`  an outage may last until ${outcomeSafeUntil.toISOString()}`] : []),
  ].join('\n');
}

function renderPoll({ attempt, held }: PendingPoll): string {
  if (!held?.observation) return `  a poll is in progress, attempt ${attempt}`;
  const { observation, statusSince, polls } = held;
  return `  since ${statusSince}; a long poll is in progress: ${counted(polls, 'poll')}, last answer at ${observation.observedAt}`;
}
