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

/** The list of closed runs, on the server. */
export interface ClosedRunsList {
  /** A page of the monitor runs that closed at `sinceMs` or later, without those that continued as new. */
  listClosed(request: ClosedRunsRequest, signal: AbortSignal): Promise<ClosedRunsPage>;
}

const PAGE_SIZE = 1_000;
/** How much later than others a run may appear in the list. A run that is later still is found by a recheck of its monitor. */
const OVERLAP_MS = 10_000;

/** Follows the list of closed runs. Its position is the latest close time seen, since this machine's clock may differ. */
export class ClosedRuns {
  #latestMs = 0;

  constructor(private readonly service: ClosedRunsList) {}

  /** Moves to the end of the list; `next` leaves out what closed before. */
  async skipToEnd(signal: AbortSignal): Promise<void> {
    const { runs } = await this.service.listClosed({ sinceMs: 0, pageSize: 1 }, signal);
    // The server lists the latest close first. If it did not, only the next list would be longer.
    this.#latestMs = latestCloseMs(runs, 0);
  }

  /** Gives the runs that are new, page by page, and some that are not. After an error the next call gives the same runs. */
  async *next(signal: AbortSignal): AsyncGenerator<readonly ClosedRun[], void> {
    const sinceMs = Math.max(this.#latestMs - OVERLAP_MS, 0);
    let latestMs = this.#latestMs;
    let pageToken: Uint8Array | undefined;
    do {
      const page = await this.service.listClosed({ sinceMs, pageSize: PAGE_SIZE, pageToken }, signal);
      yield page.runs;
      latestMs = latestCloseMs(page.runs, latestMs);
      pageToken = page.nextPageToken;
    } while (pageToken);
    this.#latestMs = latestMs;
  }
}

function latestCloseMs(runs: readonly ClosedRun[], initialMs: number): number {
  return runs.reduce((latestMs, { closedAtMs }) => Math.max(latestMs, closedAtMs), initialMs);
}
