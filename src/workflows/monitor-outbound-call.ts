import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  makeContinueAsNewFunc,
  workflowInfo,
} from '@temporalio/workflow';

import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../contract/monitor.js';
import { CallMonitor } from './call-monitor.js';
import { parseMonitorInput } from './monitor-input.js';
import { initialMonitorState, type MonitorState } from './monitor-state.js';
import { CompletionSubscribers } from './subscribers.js';

/**
 * Monitors one outbound call until it has a terminal status: polls the API in a durable loop that survives crashes, deploys and
 * outages of the API.
 *
 * Workflow ID: `monitorWorkflowId(callSid)`. Query `progress`, signals `nudge` and `notifyWhenEnded`.
 *
 * @param input see {@link MonitorOutboundCallInput}; checked, because clients in any language may send it
 * @param carriedOver state of the previous run, after a continue-as-new; starters leave it out
 * @returns the call's terminal status; a call that ended in `failure` is a result too
 * @throws ApplicationFailure `InvalidInput`, `InvalidCallSid`, `Unauthorized`, `CallNotFound`, `CallStatusExpired`,
 *   `RequestRejected`, `InvalidActivityResult` or `MonitorDeadlineExceeded`, with `MonitorFailureDetails` as the first of its
 *   details, but for a malformed input
 */
export async function monitorOutboundCall(
  input: MonitorOutboundCallInput,
  carriedOver?: MonitorState,
): Promise<MonitorOutboundCallResult> {
  const previous = workflowInfo().continuedFromExecutionRunId ? carriedOver : undefined;
  const subscribers = new CompletionSubscribers(previous?.askers);
  return await subscribers.notifyAfter(() => monitorCall(input, previous, subscribers));
}

async function monitorCall(
  input: MonitorOutboundCallInput,
  previous: MonitorState | undefined,
  subscribers: CompletionSubscribers,
): Promise<MonitorOutboundCallResult> {
  const settings = parseMonitorInput(input);
  if ('type' in settings) throw ApplicationFailure.nonRetryable(settings.message, settings.type);
  const initial = initialMonitorState(workflowInfo().startTime.getTime(), settings.deadlineMs);
  const monitor = new CallMonitor(settings, previous ?? initial);
  try {
    return await monitor.run((state) => continueAsNew(input, { ...state, ...subscribers.carriedOver }));
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => monitor.pollOnCancellation());
    throw error;
  }
}

/** With the current memo: by default the SDK starts the new run with the memo that this one was started with. */
function continueAsNew(input: MonitorOutboundCallInput, state: MonitorState): Promise<never> {
  const { memo = {} } = workflowInfo();
  return makeContinueAsNewFunc<typeof monitorOutboundCall>({ memo: { ...memo } })(input, state);
}
