import type { WorkerOptions } from '@temporalio/worker';
import { expect, test } from 'vitest';

import { callsAtOnceWithin } from '../../../src/worker/calls-at-once.js';

type Tuner = NonNullable<WorkerOptions['tuner']>;

const TARGETS = { targetMemoryUsage: 0.8, targetCpuUsage: 0.9 };
const FIXED = { type: 'fixed-size', numSlots: 10 } as const;

function holding(activityTaskSlotSupplier: object): Tuner {
  const suppliers = {
    workflowTaskSlotSupplier: FIXED,
    localActivityTaskSlotSupplier: FIXED,
    nexusTaskSlotSupplier: FIXED,
  };
  return { ...suppliers, activityTaskSlotSupplier } as Tuner;
}

test.each<[string, Pick<WorkerOptions, 'tuner' | 'maxConcurrentActivityTaskExecutions'>, number]>([
  ['no number of slots', {}, 1_000],
  ['enough slots', { maxConcurrentActivityTaskExecutions: 1_150 }, 1_000],
  ['fewer slots', { maxConcurrentActivityTaskExecutions: 100 }, 80],
  ['one slot', { maxConcurrentActivityTaskExecutions: 1 }, 1],
  ['a resource-based tuner', { tuner: { tunerOptions: TARGETS } }, 1_000],
  [
    'a resource-based tuner with a maximum',
    { tuner: { tunerOptions: TARGETS, activityTaskSlotOptions: { maximumSlots: 100 } } },
    80,
  ],
  ['a tuner with a number of slots', { tuner: holding({ type: 'fixed-size', numSlots: 200 }) }, 160],
  [
    'a tuner with slots by resources',
    { tuner: holding({ type: 'resource-based', tunerOptions: TARGETS, maximumSlots: 50 }) },
    40,
  ],
  ['a custom tuner', { tuner: holding({ type: 'custom' }) }, 1_000],
])('of 1,000 calls, a worker with %s takes as many at once as leave slots free', (_what, worker, callsAtOnce) => {
  expect(callsAtOnceWithin(worker, 1_000)).toBe(callsAtOnce);
});
