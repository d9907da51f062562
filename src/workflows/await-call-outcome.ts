import { ApplicationFailure } from '@temporalio/workflow';

import { CALL_SID_EXPECTATION, isCallSid } from '../contract/call.js';
import type { FailureType } from '../contract/failures.js';
import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../contract/monitor.js';
import { DEFAULT_TASK_QUEUE } from '../contract/names.js';
import { AwaitedCalls } from './awaited-calls.js';

export interface AwaitCallOutcomeOptions {
  /**
   * The task queue that a worker of this package polls: the monitor runs there if it is started here, and the activity that
   * reads how another one ended.
   * @default "polyai-outbound-calls"
   */
  readonly taskQueue?: string | undefined;
}

/** Of this workflow run: the SDK loads modules anew for each. */
let awaitedCalls: AwaitedCalls | undefined;

/**
 * Awaits the outcome of a call, whoever monitors it: starts the monitor as a child where there is none, joins the one that
 * runs, or reads the result of the one that has completed. A monitor that had failed, or was cancelled or terminated, is
 * started again. For workflow code: as often as you like, and for many calls at once, up to Temporal's 2,000 children of one
 * parent.
 *
 * To go on waiting after a continue-as-new, call it again in the next run: the monitor goes on, whatever this workflow does.
 *
 * @param input what to monitor; when a monitor is there already, its own settings stay
 * @throws ApplicationFailure as the monitor's, in which `monitorFailureOf` finds why; of type `MonitorEnded` when the monitor
 *   was cancelled, terminated or timed out
 * @throws CancelledFailure at once, when the scope that it is called in is cancelled; the monitor goes on
 *
 * @example
 * const { status, reason } = await awaitCallOutcome({ callSid });
 */
export async function awaitCallOutcome(
  input: MonitorOutboundCallInput,
  { taskQueue = DEFAULT_TASK_QUEUE }: AwaitCallOutcomeOptions = {},
): Promise<MonitorOutboundCallResult> {
  if (!isCallSid(input.callSid)) {
    const type: FailureType = 'InvalidCallSid';
    throw ApplicationFailure.nonRetryable(`invalid callSid: ${CALL_SID_EXPECTATION}`, type);
  }
  awaitedCalls ??= new AwaitedCalls();
  const { result, failure } = await awaitedCalls.endOf({ input, taskQueue });
  if (result) return result;
  throw ApplicationFailure.nonRetryable(failure.message, failure.type, ...failure.details);
}
