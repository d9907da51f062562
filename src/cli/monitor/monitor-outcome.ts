import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import type { MonitorHandle } from '../../client/monitor-handle.js';
import type { MonitorOutboundCallResult } from '../../contract/monitor.js';
import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import { countPolls } from './count-polls.js';

/** How a monitor ended. */
export type MonitorOutcome =
  | { readonly kind: 'result'; readonly result: MonitorOutboundCallResult }
  | { readonly kind: 'failure'; readonly error: MonitorFailureView };

export interface MonitorFailureView {
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
