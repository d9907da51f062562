import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import { completionFailureOf } from '../contract/completion.js';
import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../contract/monitor.js';
import { backoffMs } from '../contract/pacing.js';
import { abortableSleep } from '../platform/abortable.js';
import { classifyGrpcError, GRPC_STATUS, grpcStatusOf } from '../platform/grpc.js';
import { callWithSignal } from '../platform/temporal-client.js';
import type { MonitorHandle } from './monitor-handle.js';
import { type NoWorkerOptions, NoWorkerWatch } from './no-worker.js';
import { startMonitor, type StartMonitorOptions } from './start-monitor.js';

/** After a request that took longer the server was reachable: the backoff begins anew. */
const LONG_REQUEST_MS = 60_000;
/** A request that fails sooner with DEADLINE_EXCEEDED had a deadline that had passed already. */
const MIN_TIMEOUT_MS = 100;

export interface AwaitCallOutcomeOptions extends StartMonitorOptions, NoWorkerOptions {
  /**
   * Ends the wait with the signal's reason: at once, or within 5 s while the server is unreachable, since no request is left
   * behind; the monitor goes on. Takes the place of the client's own `withAbortSignal` and `withDeadline`.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Awaits the outcome of a call: starts its monitor, or attaches to the one that runs or has completed, as
 * {@link startMonitor} does. While the server is unreachable or overloaded the wait goes on. Each wait takes a long poll, of
 * which a namespace has 1,200 by default: for more calls start monitors and use `awaitMonitors`.
 *
 * @param client a Temporal client
 * @param input what to monitor; an existing monitor keeps its settings
 * @throws {ApplicationFailure} the failure of the monitor, which `monitorFailureOf` reads; of type `MonitorEnded` when the
 * monitor was cancelled, terminated or timed out
 * @throws {TypeError} for a malformed call SID or start delay
 * @throws {ServiceError} for a permanent error of the server, such as a missing permission
 *
 * @example
 * const { status, reason } = await awaitCallOutcome(client, { callSid });
 */
export async function awaitCallOutcome(
  client: Client,
  input: MonitorOutboundCallInput,
  { signal, onNoWorker, ...options }: AwaitCallOutcomeOptions = {},
): Promise<MonitorOutboundCallResult> {
  const watch = new NoWorkerWatch(client, { onNoWorker });
  let monitor: MonitorHandle | undefined;
  let failures = 0;
  for (;;) {
    signal?.throwIfAborted();
    const startedAtMs = performance.now();
    try {
      const attempt = async (): Promise<MonitorOutboundCallResult> => {
        // Once only: a monitor that failed while the server was unreachable would be started again.
        monitor ??= await startMonitor(client, input, options);
        return await watch.during(monitor.workflowId, monitor.result());
      };
      return await (signal ? callWithSignal(client, { signal }, attempt) : attempt());
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw failureOf(input.callSid, error);
      signal?.throwIfAborted();
      const tookMs = performance.now() - startedAtMs;
      failures = tookMs > LONG_REQUEST_MS ? 1 : failures + 1;
      if (error instanceof WorkflowNotFoundError) monitor = undefined;
      // With a signal of its own, the wait has replaced the limits of the client.
      else if (classifyGrpcError(error) === 'permanent' || (!signal && isClientLimit(error, tookMs))) throw error;
    }
    await abortableSleep(backoffMs(failures), signal);
  }
}

/** Whether the client's own `withAbortSignal` or `withDeadline` ended the request: every retry would fail at once. */
function isClientLimit(error: unknown, tookMs: number): boolean {
  const code = grpcStatusOf(error);
  return code === GRPC_STATUS.CANCELLED || (code === GRPC_STATUS.DEADLINE_EXCEEDED && tookMs < MIN_TIMEOUT_MS);
}

function failureOf(callSid: string, error: WorkflowFailedError): ApplicationFailure {
  const { type, message, details } = completionFailureOf(callSid, error);
  return ApplicationFailure.create({ message, type, details: [...details], nonRetryable: true, cause: error });
}
