import { type Client, NamespaceNotFoundError, ServiceError, WorkflowClient } from '@temporalio/client';

import type { MonitorOutboundCallResult } from '../contract/monitor.js';
import { MONITOR_WORKFLOW_TYPE } from '../contract/names.js';
import { callWithSignal } from '../platform/abortable.js';

/** The two questions that tell which monitors have ended, and how. Their errors are the server's. */
export interface MonitorService {
  /** A page of the monitors' runs that closed at `sinceMs` or later, those that continued as new left out. */
  listClosed(request: ClosedRunsRequest, signal: AbortSignal): Promise<ClosedRunsPage>;
  /** How a monitor's latest run ended; `undefined` while it goes on. One request, and one more for an end. */
  readSettlement(workflowId: string, signal: AbortSignal): Promise<MonitorSettlement | undefined>;
}

export interface ClosedRunsRequest {
  readonly sinceMs: number;
  readonly pageSize: number;
  readonly pageToken?: Uint8Array | undefined;
}

export interface ClosedRunsPage {
  readonly runs: readonly ClosedRun[];
  /** Present when there may be more. */
  readonly nextPageToken?: Uint8Array | undefined;
}

export interface ClosedRun {
  readonly workflowId: string;
  /** By the server's clock, in whole milliseconds. */
  readonly closedAtMs: number;
}

/** Longer than any answer should take: a request of which nothing is heard must not be waited for. */
const REQUEST_TIMEOUT_MS = 10_000;

/** The questions, put to a Temporal server. */
export function monitorService(client: Client): MonitorService {
  const impatient = impatientClient(client);
  const inTime = <T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> =>
    callWithSignal(client, { signal, timeoutMs: REQUEST_TIMEOUT_MS }, request);
  return {
    listClosed: (request, signal) =>
      inTime(signal, () => listClosed(client, request)).catch((cause: unknown) => {
        throw new ServiceError(`Failed to list what has ended: ${String(cause)}`, { cause: cause as Error });
      }),
    readSettlement: (workflowId, signal) => inTime(signal, () => readEnd(impatient, workflowId)),
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
  const runs = executions.flatMap(({ execution, closeTime }) => {
    if (!execution?.workflowId || !closeTime) return [];
    const closedAtMs = Number(closeTime.seconds ?? 0) * 1_000 + Math.floor((closeTime.nanos ?? 0) / 1e6);
    return [{ workflowId: execution.workflowId, closedAtMs }];
  });
  return { runs, ...(nextPageToken.length > 0 && { nextPageToken }) };
}

async function readEnd(impatient: WorkflowClient, workflowId: string): Promise<MonitorSettlement | undefined> {
  try {
    return { result: (await impatient.result(workflowId)) as MonitorOutboundCallResult };
  } catch (error) {
    if (error instanceof ServiceError && error.cause instanceof StillRunning) return undefined;
    if (error instanceof ServiceError || error instanceof NamespaceNotFoundError) throw error;
    return { error };
  }
}

class StillRunning extends Error {}

type GetHistory = Client['workflowService']['getWorkflowExecutionHistory'];
type HistoryRequest = Parameters<GetHistory>[0];

/**
 * The SDK's own client, whose `result` does not wait: it throws when the monitor goes on. So results and failures are
 * decoded, and later runs followed, as the SDK does it.
 */
function impatientClient(client: Client): WorkflowClient {
  const { workflowService } = client;
  // Asked for the close event of a workflow that goes on, the server waits for it, though told not to.
  const getWorkflowExecutionHistory = async (request: HistoryRequest): ReturnType<GetHistory> => {
    const { namespace = null, execution = null } = request;
    const description = await workflowService.describeWorkflowExecution({ namespace, execution });
    const { execution: latest, closeTime } = description.workflowExecutionInfo ?? {};
    if (!closeTime) throw new StillRunning();
    return await workflowService.getWorkflowExecutionHistory({
      ...request,
      execution: latest ?? null,
      waitNewEvent: false,
    });
  };
  return new WorkflowClient({
    ...client.workflow.options,
    connection: Object.create(client.connection, {
      workflowService: { value: { getWorkflowExecutionHistory } },
    }) as Client['connection'],
  });
}

const PAGE_SIZE = 1_000;
/** How much later than others a run may appear in the list. Whatever is later still is found by looking at the monitor. */
const OVERLAP_MS = 10_000;

/**
 * Follows the list of closed runs. Where it stands is a time of the server's, the latest close it has seen, since this
 * machine's clock may differ.
 */
export class ClosedRuns {
  readonly #endings: MonitorService;
  #latestMs = 0;

  constructor(endings: MonitorService) {
    this.#endings = endings;
  }

  /** Finds the present end of the list; what closed before is not given by `next`. */
  async skipToEnd(signal: AbortSignal): Promise<void> {
    const { runs } = await this.#endings.listClosed({ sinceMs: 0, pageSize: 1 }, signal);
    // The server gives the latest close first. Did it not, only the next list would be longer.
    this.#latestMs = latestOf(runs, 0);
  }

  /** Gives what is new, page by page, and some of what is not. After an error the same is given again. */
  async *next(signal: AbortSignal): AsyncGenerator<readonly ClosedRun[], void> {
    const sinceMs = Math.max(this.#latestMs - OVERLAP_MS, 0);
    let latestMs = this.#latestMs;
    let pageToken: Uint8Array | undefined;
    do {
      const page = await this.#endings.listClosed({ sinceMs, pageSize: PAGE_SIZE, pageToken }, signal);
      yield page.runs;
      latestMs = latestOf(page.runs, latestMs);
      pageToken = page.nextPageToken;
    } while (pageToken);
    this.#latestMs = latestMs;
  }
}

function latestOf(runs: readonly ClosedRun[], soFarMs: number): number {
  return runs.reduce((latestMs, { closedAtMs }) => Math.max(latestMs, closedAtMs), soFarMs);
}

/** How a monitor ended: with the call's final status, or with what `MonitorHandle.result` would throw. */
export type MonitorSettlement =
  | { readonly result: MonitorOutboundCallResult; readonly error?: undefined }
  | {
      readonly result?: undefined;
      /** A `WorkflowFailedError`, in which `monitorFailureOf` finds why, a `WorkflowNotFoundError`, or why it can't be read. */
      readonly error: unknown;
    };

/** How the monitor of a call ended. */
export type SettledMonitor = MonitorSettlement & { readonly callSid: string };
