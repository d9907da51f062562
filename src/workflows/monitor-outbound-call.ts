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
import { MonitorAskers } from './subscribers.js';

/**
 * Monitors one outbound call until it has a final status: polls the API in a durable loop that survives crashes,
 * deploys and outages of the API.
 *
 * Workflow ID: `monitorWorkflowId(callSid)`. Query `progress`, signal `nudge`.
 *
 * @param input see {@link MonitorOutboundCallInput}; checked, for any client in any language may send it
 * @param carried state of the run before, after a continue-as-new; starters leave it out
 * @returns the call's final status; a call that ended in `failure` is a result too
 * @throws ApplicationFailure `InvalidInput`, `InvalidCallSid`, `Unauthorized`, `CallNotFound`, `CallStatusExpired`,
 *   `RequestRejected` or `MonitorDeadlineExceeded`, with `MonitorFailureDetails` as the first of its details
 */
export async function monitorOutboundCall(
  input: MonitorOutboundCallInput,
  carried?: MonitorState,
): Promise<MonitorOutboundCallResult> {
  const before = workflowInfo().continuedFromExecutionRunId ? carried : undefined;
  const askers = new MonitorAskers(before?.askers);
  return await askers.whileMonitoring(() => monitorToTheEnd(input, before, askers));
}

async function monitorToTheEnd(
  input: MonitorOutboundCallInput,
  before: MonitorState | undefined,
  askers: MonitorAskers,
): Promise<MonitorOutboundCallResult> {
  const settings = parseMonitorInput(input);
  if ('type' in settings) throw ApplicationFailure.nonRetryable(settings.message, settings.type);
  const fresh = initialMonitorState(workflowInfo().startTime.getTime(), settings.deadlineMs);
  const monitor = new CallMonitor(settings, before ?? fresh);
  try {
    return await monitor.run((state) => continueAsNewWithMemo(input, { ...state, ...askers.carried }));
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => monitor.lookOnceMore());
    throw error;
  }
}

/** The SDK would give the new run the memo that this one began with. */
function continueAsNewWithMemo(input: MonitorOutboundCallInput, state: MonitorState): Promise<never> {
  const { memo = {} } = workflowInfo();
  return makeContinueAsNewFunc<typeof monitorOutboundCall>({ memo: { ...memo } })(input, state);
}
