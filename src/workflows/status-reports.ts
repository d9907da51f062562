import { isCount, isPollReport, type StatusReport } from '../contract/get-status.js';

/**
 * The `getStatus` activities of one run, by number, and which of their polls the monitor has counted. A poll report contains
 * all polls of its `getStatus`, and arrives more than once: by signal, again by signal, and with the result.
 */
export class StatusReports {
  #latest = 0;
  /** The latest that has returned or failed. */
  #completed = 0;
  /** Polls counted of those that are running, or that were interrupted since. */
  readonly #counted = new Map<number, number>();

  /** The latest `getStatus` has not returned or failed: it runs, or was interrupted. */
  get isLatestOpen(): boolean {
    return this.#latest > this.#completed;
  }

  /** @returns the number of the `getStatus` that begins */
  begin(): number {
    this.#latest += 1;
    return this.#latest;
  }

  /** How many polls of the latest `getStatus` have been counted, while it runs. */
  get countedOfLatest(): number {
    return this.#counted.get(this.#latest) ?? 0;
  }

  /** Whether a report says more than what the monitor knows. One that a later result has overtaken does not. */
  isCurrent({ reportAs }: Pick<StatusReport, 'reportAs'>): boolean {
    return reportAs > this.#completed && reportAs <= this.#latest;
  }

  /** @returns how many of the polls of a `getStatus` were not counted before */
  count(reportAs: number, polls: number): number {
    const counted = this.#counted.get(reportAs) ?? 0;
    this.#counted.set(reportAs, Math.max(counted, polls));
    return Math.max(0, polls - counted);
  }

  /**
   * The latest `getStatus` has returned or failed.
   *
   * @returns how many of its polls were not counted before
   */
  complete(polls: number): number {
    const more = this.count(this.#latest, polls);
    this.#completed = this.#latest;
    this.#counted.clear();
    return more;
  }
}

/** Checks the payload of the signal `reportStatus`: anyone who may signal workflows can send it. `undefined` if it is malformed. */
export function parseStatusReport(input: unknown): StatusReport | undefined {
  if (!isPollReport(input)) return undefined;
  const { reportAs, observation, changes } = input as Partial<StatusReport>;
  return isCount(reportAs) && observation && changes ? (input as StatusReport) : undefined;
}
