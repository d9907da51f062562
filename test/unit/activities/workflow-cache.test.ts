import { expect, it } from 'vitest';

import { holdingWorkerOptions } from '../../../src/activities.js';
import { cachedWorkflowsFor } from '../../../src/activities/workflow-cache.js';

const GIB = 2 ** 30;

it.each([
  ['every call, where memory allows it', 1_000, 8 * GIB, 1_000],
  ['some of very many calls', 10_000, 8 * GIB, 1_280],
  ['fewer in a small container', 1_000, GIB / 2, 320],
  ['enough for the tasks at once in a tiny one', 1_000, GIB / 8, 200],
  ['enough for the tasks at once of a few calls', 10, 8 * GIB, 200],
  ['every call without a limit', 1_000, Infinity, 1_000],
])('a worker caches %s', (_, callsAtOnce, memoryBytes, cached) => {
  expect(cachedWorkflowsFor(callsAtOnce, memoryBytes)).toBe(cached);
});

it('the worker options have it', () => {
  expect(holdingWorkerOptions(500).maxCachedWorkflows).toBe(cachedWorkflowsFor(500));
});
