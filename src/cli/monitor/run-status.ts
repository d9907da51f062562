import { WorkflowNotFoundError } from '@temporalio/client';

import type { MonitorDescription, PendingPoll } from '../../client/describe-monitor.js';
import type { MonitorHandle } from '../../client/monitor-handle.js';
import { getMonitor } from '../../client/start-monitor.js';
import { withTemporal } from '../temporal.js';
import { CliError, EXIT_CODES, type ExitCode } from '../terminal.js';
import { countPolls, exitCodeOf, type MonitorOutcome, outcomeOf, renderOutcome } from './run-monitor.js';

interface RunStatusOptions {
  readonly callSid: string;
  readonly json: boolean;
}

/** Prints what Temporal knows of a monitor, without a worker's help. */
export async function runStatus({ callSid, json }: RunStatusOptions): Promise<ExitCode> {
  return await withTemporal(async (client) => {
    const monitor = getMonitor(client, callSid);
    const view = await lookOrExplain(monitor);
    const outcome = view.state === 'RUNNING' ? undefined : await outcomeOf(monitor);
    console.log(json ? JSON.stringify(asJson(monitor, view, outcome)) : asText(view, outcome));
    return outcome ? exitCodeOf(outcome) : EXIT_CODES.done;
  });
}

async function lookOrExplain(monitor: MonitorHandle): Promise<MonitorDescription> {
  try {
    return await monitor.describe({ workerTimeoutMs: 0 });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const { callSid } = monitor;
    throw new CliError(`Temporal has no monitor of ${callSid}; start one with: temporal-polyai monitor ${callSid}`);
  }
}

function asJson({ callSid, workflowId }: MonitorHandle, view: MonitorDescription, outcome: MonitorOutcome | undefined) {
  const { state, callStatus: status, callReason: reason, startedAt, closedAt, pendingPoll, outcomeSafeUntil } = view;
  return {
    callSid,
    workflowId,
    state: state.toLowerCase(),
    status,
    reason,
    startedAt,
    closedAt,
    pendingPoll,
    outcomeSafeUntil,
    ...(outcome?.kind === 'result' && { result: outcome.result }),
    ...(outcome?.kind === 'failure' && { error: outcome.error }),
  };
}

function asText(view: MonitorDescription, outcome: MonitorOutcome | undefined): string {
  const { callSid, callStatus = 'no answer yet', startedAt, pendingPoll: poll, outcomeSafeUntil } = view;
  if (outcome) return renderOutcome(callSid, outcome);
  const lastError = poll?.held?.lastError ?? poll?.lastFailure;
  return [
    `${callSid}: ${callStatus}`,
    `  monitored since ${startedAt.toISOString()}`,
    ...(poll ? [describePoll(poll)] : []),
    ...(lastError ? [`  the last one failed: ${lastError.type}: ${lastError.message}`] : []),
    ...(lastError && outcomeSafeUntil ? [`  an outage may last until ${outcomeSafeUntil.toISOString()}`] : []),
  ].join('\n');
}

function describePoll({ attempt, held }: PendingPoll): string {
  if (!held?.observation) return `  a poll is under way, attempt ${attempt}`;
  const { observation, statusSince, polls } = held;
  return `  since ${statusSince}; a worker polls on: ${countPolls(polls)}, last answer at ${observation.observedAt}`;
}
