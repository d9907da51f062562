import type { Context } from '@temporalio/activity';

const LOG_INTERVAL_MS = 5 * 60_000;

/** A running monitor that stays on this worker polls again within this time. */
const EXPIRES_AFTER_MS = 5 * 60_000;

type Instruments = Pick<Context, 'log' | 'metricMeter'>;

/** The calls of this worker whose outcomes are at risk, because they have not been observed for half an hour: as a metric and in the log. */
export class CallsAtRisk {
  /** When the last poll of each call failed; oldest first. */
  readonly #failedAtMs = new Map<string, number>();
  #loggedAtMs = -Infinity;
  #expiry: NodeJS.Timeout | undefined;

  /** A poll of the call has failed. */
  add(key: string, { log, metricMeter }: Instruments): void {
    const nowMs = performance.now();
    this.#failedAtMs.delete(key);
    this.#failedAtMs.set(key, nowMs);
    this.#update(metricMeter);
    // A monitor whose next poll runs on another worker sends nothing more here.
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.#update(metricMeter), EXPIRES_AFTER_MS + 1_000).unref();
    if (nowMs - this.#loggedAtMs < LOG_INTERVAL_MS) return;
    this.#loggedAtMs = nowMs;
    log.warn('outcomes of calls are at risk: PolyAI stores a status for about two hours after the call ended', {
      calls: this.#failedAtMs.size,
    });
  }

  /** The call was observed, or its `getStatus` failed permanently. */
  remove(key: string, { metricMeter }: Pick<Instruments, 'metricMeter'>): void {
    if (this.#failedAtMs.size === 0) return;
    this.#failedAtMs.delete(key);
    this.#update(metricMeter);
  }

  #update(metricMeter: Context['metricMeter']): void {
    const nowMs = performance.now();
    for (const [key, failedAtMs] of this.#failedAtMs) {
      if (nowMs - failedAtMs < EXPIRES_AFTER_MS) break;
      this.#failedAtMs.delete(key);
    }
    metricMeter
      .createGauge('polyai_calls_at_risk', 'int', 'calls', 'Calls that have not been observed for half an hour')
      .set(this.#failedAtMs.size);
  }
}
