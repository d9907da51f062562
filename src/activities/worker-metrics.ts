import type { Context } from '@temporalio/activity';
import type { MetricCounter, MetricHistogram } from '@temporalio/common';

import { PolyAiError } from '../polyai/errors.js';
import { LiveCalls } from './live-calls.js';
import { accountLabel, answerOf, counter, histogram } from './metrics.js';

/** What `getStatus` measures on one worker. The instruments are made once, with the meter of the first `getStatus`. */
export class WorkerMetrics {
  readonly liveCalls: LiveCalls;
  readonly #requests: MetricCounter;
  readonly #latency: MetricHistogram;
  readonly #outcomes: MetricCounter;

  constructor({ metricMeter }: Pick<Context, 'metricMeter'>, now: () => number) {
    this.liveCalls = new LiveCalls(metricMeter, now);
    this.#requests = counter(metricMeter, 'polyai_status_requests');
    this.#latency = histogram(metricMeter, 'polyai_status_request_latency');
    this.#outcomes = counter(metricMeter, 'polyai_outcomes');
  }

  /**
   * Makes a status request and measures it; not one that was never sent, or was aborted.
   *
   * @param request is given what to call when the request is sent
   */
  async measure<T>(account: string | undefined, request: (onSent: () => void) => Promise<T>): Promise<T> {
    let sentAtMs: number | undefined;
    const record = (error?: PolyAiError): void => {
      const labels = { account: accountLabel(account) };
      this.#requests.add(1, { ...labels, answer: answerOf(error) });
      if (sentAtMs !== undefined) this.#latency.record((performance.now() - sentAtMs) / 1_000, labels);
    };
    try {
      const response = await request(() => (sentAtMs = performance.now()));
      record();
      return response;
    } catch (error) {
      if (error instanceof PolyAiError && !error.notSent) record(error);
      throw error;
    }
  }

  /** A terminal status was observed. */
  countOutcome(account: string | undefined, status: string): void {
    this.#outcomes.add(1, { account: accountLabel(account), status });
  }
}

/** The metrics of each worker: several may share these activities, each with a meter of its own. */
export class MetricsOfWorkers {
  readonly #byWorker = new WeakMap<object, WorkerMetrics>();

  constructor(private readonly now: () => number) {}

  of(worker: object, context: Context): WorkerMetrics {
    const metrics = this.#byWorker.get(worker) ?? new WorkerMetrics(context, this.now);
    this.#byWorker.set(worker, metrics);
    return metrics;
  }
}
