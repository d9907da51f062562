import type { Context } from '@temporalio/activity';

const LOG_EVERY_MS = 5 * 60_000;
/** A monitor asks again within this time, if it goes on and comes to this worker. */
const FORGET_AFTER_MS = 5 * 60_000;

/** The calls of this worker that have had no good answer for so long that their outcomes are at risk: a metric, and a line in the log. */
export class CallsAtRisk {
  readonly #seenAtMs = new Map<string, number>();
  #loggedAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  add(key: string, { log, metricMeter }: Pick<Context, 'log' | 'metricMeter'>): void {
    const nowMs = performance.now();
    this.#seenAtMs.delete(key);
    this.#seenAtMs.set(key, nowMs);
    this.#forget(nowMs);
    this.#measure(metricMeter);
    this.#forgetLater(metricMeter);
    if (nowMs - this.#loggedAtMs < LOG_EVERY_MS) return;
    this.#loggedAtMs = nowMs;
    log.warn('outcomes of calls are at risk: PolyAI forgets them two hours after a call ended', {
      calls: this.#seenAtMs.size,
    });
  }

  /** A good answer came, or its `getStatus` has ended for good. */
  remove(key: string, { metricMeter }: Pick<Context, 'metricMeter'>): void {
    if (this.#seenAtMs.size === 0) return;
    this.#seenAtMs.delete(key);
    this.#forget(performance.now());
    this.#measure(metricMeter);
  }

  /** Of monitors that went on to another worker nothing more is heard here. */
  #forgetLater(metricMeter: Context['metricMeter']): void {
    clearTimeout(this.#timer);
    const forget = (): void => {
      this.#forget(performance.now());
      this.#measure(metricMeter);
    };
    this.#timer = setTimeout(forget, FORGET_AFTER_MS + 1_000).unref();
  }

  #forget(nowMs: number): void {
    for (const [key, seenAtMs] of this.#seenAtMs) {
      if (nowMs - seenAtMs < FORGET_AFTER_MS) return;
      this.#seenAtMs.delete(key);
    }
  }

  #measure(metricMeter: Context['metricMeter']): void {
    const name = 'polyai_calls_at_risk';
    metricMeter
      .createGauge(name, 'int', 'calls', 'Calls without a good answer for half an hour')
      .set(this.#seenAtMs.size);
  }
}
