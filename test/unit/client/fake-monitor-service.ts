import type { ClosedRun, ClosedRunsPage, ClosedRunsRequest } from '../../../src/client/closed-runs.js';
import type { MonitorSettlement, MonitorService } from '../../../src/client/monitor-service.js';
import { monitorWorkflowId } from '../../../src/index.js';
import { abortableSleep } from '../../../src/platform/abortable.js';

/** The fake server's clock is a day behind this machine's. */
const CLOCK_OFFSET_MS = -86_400_000;

/** An error as the gRPC client throws it. */
export function grpcError(code: number): Error {
  return Object.assign(new Error(`gRPC ${code}`), { code, details: `gRPC ${code}`, metadata: {} });
}

/** A server in memory. Monitors run until `end`. */
export class FakeMonitorService implements MonitorService {
  readonly lists: ClosedRunsRequest[] = [];
  /** Workflow IDs, in the order of the reads. */
  readonly reads: string[] = [];
  readonly #settlements = new Map<string, MonitorSettlement>();
  readonly #closed: ClosedRun[] = [];
  /** What requests fail with. */
  failure: { list?: Error | undefined; read?: Error | undefined } = {};
  /** How long a read takes, in milliseconds; it gives the state at its start. */
  readMs = 5;

  untilIdle(): Promise<void> {
    return Promise.resolve();
  }

  get nowMs(): number {
    return Date.now() + CLOCK_OFFSET_MS;
  }

  /** Ends a monitor. */
  end(callSid: string): void {
    this.endUnlisted(callSid);
    this.listRun(callSid);
  }

  /** Ends a monitor that the list never shows. */
  endUnlisted(callSid: string): void {
    this.#settlements.set(monitorWorkflowId(callSid), {
      result: { callSid } as NonNullable<MonitorSettlement['result']>,
    });
  }

  /** Lists a run as closed so long ago, whether or not it was the latest. */
  listRun(callSid: string, msAgo = 0): void {
    this.#closed.push({ workflowId: monitorWorkflowId(callSid), closedAtMs: this.nowMs - msAgo });
  }

  async listClosed({ ...request }: ClosedRunsRequest, signal: AbortSignal): Promise<ClosedRunsPage> {
    this.lists.push(request);
    await answering(signal);
    if (this.failure.list) throw this.failure.list;
    const from = request.pageToken?.[0] ?? 0;
    const latestFirst = this.#closed.filter(({ closedAtMs }) => closedAtMs >= request.sinceMs).reverse();
    const runs = latestFirst.slice(from * request.pageSize, (from + 1) * request.pageSize);
    const more = latestFirst.length > (from + 1) * request.pageSize;
    return { runs, ...(more && { nextPageToken: Uint8Array.of(from + 1) }) };
  }

  async readSettlement(workflowId: string, signal: AbortSignal): Promise<MonitorSettlement | undefined> {
    this.reads.push(workflowId);
    const end = this.#settlements.get(workflowId);
    await answering(signal, this.readMs);
    if (this.failure.read) throw this.failure.read;
    return end;
  }
}

/** Takes `ms`, and fails at once on abort, as a gRPC call does. */
async function answering(signal: AbortSignal, ms = 5): Promise<void> {
  await abortableSleep(ms, signal);
  if (signal.aborted) throw grpcError(1);
}
