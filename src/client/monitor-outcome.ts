import type { MonitorOutboundCallResult } from '../contract/monitor.js';

/** How a monitor ended: with the call's final status, or with what `MonitorHandle.result` would throw. */
export type MonitorEnd =
  | { readonly result: MonitorOutboundCallResult; readonly error?: undefined }
  | {
      readonly result?: undefined;
      /** A `WorkflowFailedError`, in which `monitorFailureOf` finds why, a `WorkflowNotFoundError`, or why it can't be read. */
      readonly error: unknown;
    };

/** How the monitor of a call ended. */
export type MonitorOutcome = MonitorEnd & { readonly callSid: string };
