import { causesOf } from './failures.js';
import type { MonitorOutboundCallResult } from './monitor.js';

/** `ApplicationFailure.type` that callers get when a monitor was cancelled, terminated or timed out. */
export const MONITOR_ENDED_FAILURE_TYPE = 'MonitorEnded';

/** Why a monitor ended without a result. */
export interface CompletionFailure {
  /** A `FailureType`, or `MonitorEnded`. */
  readonly type: string;
  readonly message: string;
  /** The details of the monitor's failure. */
  readonly details: readonly unknown[];
}

/** How a monitor ended. */
export type MonitorCompletion =
  | { readonly result: MonitorOutboundCallResult; readonly failure?: undefined }
  | { readonly failure: CompletionFailure; readonly result?: undefined };

/** Argument of the signal `polyAiCallEnded`. */
export type CompletionSignal = MonitorCompletion & { readonly callSid: string };

/** Argument of the signal `notifyWhenEnded`. */
export interface NotifyWhenEndedInput {
  /** The workflow to signal; at that time its latest run. */
  readonly workflowId: string;
}

/** Input of the activity `readMonitor`. */
export interface ReadMonitorInput {
  readonly callSid: string;
}

/** Result of the activity `readMonitor`. */
export type ReadMonitorResult =
  | (MonitorCompletion & { readonly state: 'ended' })
  | { readonly state: 'running'; readonly runId: string }
  /** Never started, or past the namespace retention. */
  | { readonly state: 'absent' };

/** The SDK's failures for a workflow that was stopped from outside. */
const STOPPED: ReadonlyMap<string, { readonly state: string; readonly verb: string }> = new Map([
  ['CancelledFailure', { state: 'CANCELLED', verb: 'was cancelled' }],
  ['TerminatedFailure', { state: 'TERMINATED', verb: 'was terminated' }],
  ['TimeoutFailure', { state: 'TIMED_OUT', verb: 'timed out' }],
]);

/**
 * Why a monitor ended, from the error that it threw or that awaiting it threw. The result does not depend on who awaited it:
 * the reason of a termination is left out, because a client gets it and a parent workflow does not.
 */
export function completionFailureOf(callSid: string, error: unknown): CompletionFailure {
  for (const { name, message, type, details } of causesOf(error)) {
    if (name === 'ApplicationFailure') return { type: type ?? MONITOR_ENDED_FAILURE_TYPE, message, details };
    const stopped = STOPPED.get(name);
    if (stopped) return monitorEnded(stopped.verb, { callSid, state: stopped.state });
  }
  return monitorEnded('ended', { callSid });
}

function monitorEnded(verb: string, details: { readonly callSid: string; readonly state?: string }): CompletionFailure {
  const message = `the monitor ${verb} without a result`;
  return { type: MONITOR_ENDED_FAILURE_TYPE, message, details: [details] };
}
