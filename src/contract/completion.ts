import type { MonitorOutboundCallResult } from './monitor.js';

/** `ApplicationFailure.type` for askers whose monitor was cancelled, terminated or timed out: it has no failure of its own. */
export const MONITOR_ENDED_FAILURE_TYPE = 'MonitorEnded';

/** Why a monitor ended without a result, the same for all who ask. */
export interface CompletionFailure {
  /** A `FailureType`, or `MonitorEnded`. */
  readonly type: string;
  readonly message: string;
  /** Those of the monitor's failure. */
  readonly details: readonly unknown[];
}

/** How the monitor of a call ended. */
export type MonitorCompletion =
  | { readonly result: MonitorOutboundCallResult; readonly failure?: undefined }
  | { readonly failure: CompletionFailure; readonly result?: undefined };

/** Argument of the signal `polyAiCallEnded`. */
export type CompletionSignal = MonitorCompletion & { readonly callSid: string };

/** Argument of the signal `notifyWhenEnded`. */
export interface NotifyWhenEndedInput {
  /** The workflow that wants to be told; whichever run of it is there at the end. */
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
  /** Never started, or no longer kept by the server. */
  | { readonly state: 'absent' };

/** How the SDK names the failure of a monitor that was stopped from outside, and what became of the monitor. */
const STOPPED = {
  CancelledFailure: { state: 'CANCELLED', happened: 'was cancelled' },
  TerminatedFailure: { state: 'TERMINATED', happened: 'was terminated' },
  TimeoutFailure: { state: 'TIMED_OUT', happened: 'timed out' },
} as const;

/**
 * Why a monitor ended, from what it threw or from what awaiting it threw. The same however it was awaited: the words of a
 * termination reach a client and no parent, so they are left out.
 */
export function completionFailureOf(callSid: string, error: unknown): CompletionFailure {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const { name, message, type, details } = inner as Error & { type?: unknown; details?: unknown };
    if (name === 'ApplicationFailure') {
      const own = typeof type === 'string' ? type : MONITOR_ENDED_FAILURE_TYPE;
      return { type: own, message, details: Array.isArray(details) ? details : [] };
    }
    if (isStop(name)) return stopped(callSid, STOPPED[name]);
  }
  return stopped(callSid, { happened: 'ended' });
}

function isStop(name: string): name is keyof typeof STOPPED {
  return Object.hasOwn(STOPPED, name);
}

function stopped(callSid: string, { state, happened }: { state?: string; happened: string }): CompletionFailure {
  return {
    type: MONITOR_ENDED_FAILURE_TYPE,
    message: `the monitor ${happened} before the call had a final status`,
    details: [{ callSid, ...(state && { state }) }],
  };
}
