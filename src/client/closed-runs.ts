import type { ClosedRun, MonitorEndings } from './monitor-endings.js';

const PAGE_SIZE = 1_000;
/** How much later than others a run may appear in the list. Whatever is later still is found by looking at the monitor. */
const OVERLAP_MS = 10_000;

/**
 * Follows the list of closed runs. Where it stands is a time of the server's, the latest close it has seen, since this
 * machine's clock may differ.
 */
export class ClosedRuns {
  readonly #endings: MonitorEndings;
  #latestMs = 0;

  constructor(endings: MonitorEndings) {
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
