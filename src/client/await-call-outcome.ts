import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import { completionFailureOf } from '../contract/completion.js';
import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../contract/monitor.js';
import { backoffMs } from '../contract/pacing.js';
import { abortableSleep, callWithSignal } from '../platform/abortable.js';
import { classifyGrpcError, GRPC_STATUS, grpcStatusOf } from '../platform/grpc.js';
import type { MonitorHandle } from './monitor-handle.js';
import { startMonitor, type StartMonitorOptions } from './start-monitor.js';

/** A deadline that has passed before fails a request sooner than any server does. */
const AT_ONCE_MS = 100;

export interface AwaitCallOutcomeOptions extends StartMonitorOptions {
  /**
   * Ends the waiting with the signal's reason: at once, or within some 5 s while the server is away, for no request is left
   * behind; the monitor goes on. In place of the client's own `withAbortSignal` and `withDeadline`.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Awaits the outcome of a call, whoever monitors it: starts the monitor where there is none, or attaches to the one that
 * runs or has completed, as {@link startMonitor} does. While the server is away or too busy the waiting goes on. Each takes
 * a long poll, of which a namespace has 1,200 by default: for more calls start monitors and use `awaitMonitors`.
 *
 * @param client a Temporal client
 * @param input what to monitor; when a monitor is there already, its own settings stay
 * @throws {ApplicationFailure} as the monitor's, in which `monitorFailureOf` finds why; of type `MonitorEnded` when the
 * monitor was cancelled, terminated or timed out
 * @throws {TypeError} for a call SID that cannot be one
 * @throws {ServiceError} when the server refuses for good, such as for want of permission
 *
 * @example
 * const { status, reason } = await awaitCallOutcome(client, { callSid });
 */
export async function awaitCallOutcome(
  client: Client,
  input: MonitorOutboundCallInput,
  { signal, ...options }: AwaitCallOutcomeOptions = {},
): Promise<MonitorOutboundCallResult> {
  let monitor: MonitorHandle | undefined;
  for (let failures = 1; ; failures += 1) {
    signal?.throwIfAborted();
    const askedAtMs = performance.now();
    try {
      const ask = async (): Promise<MonitorOutboundCallResult> => {
        // Once only: a monitor that fails while the server cannot say so would be started again.
        monitor ??= await startMonitor(client, input, options);
        return await monitor.result();
      };
      return await (signal ? callWithSignal(client, { signal }, ask) : ask());
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw failureOf(input.callSid, error);
      signal?.throwIfAborted();
      if (error instanceof WorkflowNotFoundError) monitor = undefined;
      else if (classifyGrpcError(error) === 'permanent' || isCalledOff(error, performance.now() - askedAtMs))
        throw error;
    }
    await abortableSleep(backoffMs(failures), signal);
  }
}

/** By the client's own `withAbortSignal` or `withDeadline`: asking again would fail at once, each time. */
function isCalledOff(error: unknown, tookMs: number): boolean {
  const code = grpcStatusOf(error);
  return code === GRPC_STATUS.CANCELLED || (code === GRPC_STATUS.DEADLINE_EXCEEDED && tookMs < AT_ONCE_MS);
}

function failureOf(callSid: string, error: WorkflowFailedError): ApplicationFailure {
  const { type, message, details } = completionFailureOf(callSid, error);
  return ApplicationFailure.nonRetryable(message, type, ...details);
}
