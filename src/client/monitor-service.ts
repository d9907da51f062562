import { type Client, NamespaceNotFoundError, ServiceError, WorkflowContinuedAsNewError } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';

import type { MonitorOutboundCallResult } from '../contract/monitor.js';
import { MONITOR_WORKFLOW_TYPE } from '../contract/names.js';
import { GRPC_STATUS, grpcStatusOf } from '../platform/grpc.js';
import { callWithSignal } from '../platform/temporal-client.js';
import type { ClosedRunsList, ClosedRunsPage, ClosedRunsRequest } from './closed-runs.js';
import { type NoWorkerWatch, waitingOn } from './no-worker.js';

/** The requests that show which monitors have closed, and how. Their errors are those of Temporal's client. */
export interface MonitorService extends ClosedRunsList {
  /** How the latest run of a monitor ended; `undefined` while it runs. One request, and one more for a closed run. */
  readSettlement(workflowId: string, signal: AbortSignal): Promise<MonitorSettlement | undefined>;
  /** Settles when no request is left, once the signals have been aborted. */
  untilIdle(): Promise<void>;
}

/** How a monitor ended: with the call's terminal status, or with what `MonitorHandle.result` would throw. */
export type MonitorSettlement =
  | { readonly result: MonitorOutboundCallResult; readonly error?: undefined }
  | {
      readonly result?: undefined;
      /** A `WorkflowFailedError`, in which `monitorFailureOf` finds why, a `WorkflowNotFoundError`, or why it cannot be read. */
      readonly error: unknown;
    };

/** How the monitor of a call ended. */
export type SettledMonitor = MonitorSettlement & { readonly callSid: string };

/** A request without a response after this time fails. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * The monitors of a Temporal server.
 *
 * @param noWorkers is told the task queues on which monitors wait for a worker
 */
export function monitorService(client: Client, noWorkers: NoWorkerWatch): MonitorService {
  const withRequestTimeout = <T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> =>
    callWithSignal(client, { signal, timeoutMs: REQUEST_TIMEOUT_MS }, request);
  return {
    listClosed: (request, signal) =>
      withRequestTimeout(signal, () => listClosed(client, request)).catch((cause: unknown) => {
        throw new ServiceError(`Failed to list closed monitors: ${String(cause)}`, { cause: cause as Error });
      }),
    readSettlement: async (workflowId, signal) => {
      const onWaiting = (taskQueue: string): void => noWorkers.watchQueue(taskQueue, signal);
      return await withRequestTimeout(signal, () => readSettlement(client, workflowId, onWaiting));
    },
    untilIdle: () => noWorkers.untilIdle(),
  };
}

async function listClosed(
  client: Client,
  { sinceMs, pageSize, pageToken }: ClosedRunsRequest,
): Promise<ClosedRunsPage> {
  const since = new Date(sinceMs).toISOString();
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: `WorkflowType = "${MONITOR_WORKFLOW_TYPE}" AND ExecutionStatus != "ContinuedAsNew" AND CloseTime >= "${since}"`,
    pageSize,
    ...(pageToken && { nextPageToken: pageToken }),
  });
  const runs = executions.flatMap(({ execution, closeTime }) =>
    execution?.workflowId && closeTime ? [{ workflowId: execution.workflowId, closedAtMs: tsToMs(closeTime) }] : [],
  );
  return { runs, ...(nextPageToken.length > 0 && { nextPageToken }) };
}

async function readSettlement(
  client: Client,
  workflowId: string,
  onWaiting: (taskQueue: string) => void,
): Promise<MonitorSettlement | undefined> {
  try {
    const runId = await closedRunId(client, workflowId, onWaiting);
    if (runId === undefined) return undefined;
    // For this run, which has closed, the server responds at once; for a later one the request would be a long poll.
    const run = client.workflow.getHandle(workflowId, runId, { followRuns: false });
    return { result: (await run.result()) as MonitorOutboundCallResult };
  } catch (error) {
    if (error instanceof WorkflowContinuedAsNewError) return undefined;
    if (error instanceof ServiceError || error instanceof NamespaceNotFoundError) throw error;
    return { error };
  }
}

/** The latest run of a monitor, if it has closed. Unlike the client's `describe`, decodes no memo: codecs may be remote. */
async function closedRunId(
  client: Client,
  workflowId: string,
  onWaiting: (taskQueue: string) => void,
): Promise<string | undefined> {
  const { namespace } = client.options;
  try {
    const description = await client.workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId },
    });
    const taskQueue = waitingOn(description);
    if (taskQueue !== undefined) onWaiting(taskQueue);
    const { execution, closeTime } = description.workflowExecutionInfo ?? {};
    return closeTime && execution?.runId ? execution.runId : undefined;
  } catch (cause) {
    if (grpcStatusOf(cause) === GRPC_STATUS.NOT_FOUND) {
      // Throws the typed error: there is no such workflow, or no such namespace. Unless it was started in the meantime.
      const { closeTime, runId } = await client.workflow.getHandle(workflowId).describe();
      return closeTime ? runId : undefined;
    }
    throw new ServiceError(`Failed to describe ${workflowId}: ${String(cause)}`, { cause: cause as Error });
  }
}
