import { expect, inject, test } from 'vitest';

import { withIgnoredReport } from '../support/ignored-report.js';
import { quietRuntime } from '../support/quiet-runtime.js';
import { monitorHistories, type RecordedRun } from '../support/recorded-histories.js';
import { replay } from '../support/replay.js';

quietRuntime();

const versions = monitorHistories.versions();

test('monitors go on where traces are switched on meanwhile', async () => {
  const runs = versions.flatMap((version) => [...monitorHistories.ofVersion(version)]);

  const results = await replay(runs, { codePath: inject('tracedBundlePath') });

  expect(results.filter(({ error }) => error)).toEqual([]);
  expect(results).toHaveLength(runs.length);
});

test('monitors go on whose status report a worker of an earlier version ignored', async () => {
  const runs = [...monitorHistories.ofVersion('0.2.0-dev-9442952')].filter(hasGetStatus).map(withIgnoredReport);

  const results = await replay(runs);

  expect(results.filter(({ error }) => error)).toEqual([]);
  expect(results.length).toBeGreaterThan(50);
});

function hasGetStatus({ history }: RecordedRun): boolean {
  return history.events.some(({ eventType }) => eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
}
