import type { MetricMeter, MetricTags } from '@temporalio/common';

/** The labels that the SDK gives every metric of an activity. */
const OF_THE_SDK = new Set(['namespace', 'taskQueue', 'activityType']);

/** A meter that remembers what its metrics have come to, by name and labels: `name{label="value"}`. */
export class RecordingMeter {
  readonly #values = new Map<string, number>();
  readonly #created: string[] = [];

  readonly meter = {
    createCounter: (name: string) => this.#instrument('add', name, (key, value) => this.value(key, 0)! + value),
    createGauge: (name: string) => this.#instrument('set', name, (_, value) => value),
    createHistogram: (name: string) => this.#instrument('record', name, (key) => this.value(key, 0)! + 1),
    withTags: () => this.meter,
  } as unknown as MetricMeter;

  /** Every instrument that was made, in order. */
  get created(): readonly string[] {
    return this.#created;
  }

  /** The sum of a counter, the present value of a gauge, or how often a histogram was recorded. */
  value(key: string, otherwise?: number): number | undefined {
    return this.#values.get(key) ?? otherwise;
  }

  /** All values of one metric, by labels. */
  valuesOf(name: string): Record<string, number> {
    const ofMetric = [...this.#values].filter(([key]) => key.startsWith(`${name}{`));
    return Object.fromEntries(ofMetric.map(([key, value]) => [key.slice(name.length), value]));
  }

  #instrument(method: string, name: string, next: (key: string, value: number) => number) {
    this.#created.push(name);
    return {
      [method]: (value: number, tags: MetricTags) => {
        const own = Object.entries(tags).filter(([label]) => !OF_THE_SDK.has(label));
        const key = `${name}{${own.map(([label, text]) => `${label}="${text}"`).join(',')}}`;
        this.#values.set(key, next(key, value));
      },
    };
  }
}
