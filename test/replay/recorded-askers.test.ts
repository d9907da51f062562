import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, expect, test } from 'vitest';

import { askerHistories, readAskerHistory } from '../support/asker-histories.js';
import { bundleAskers } from '../support/asker-rig.js';
import { quietRuntime } from '../support/quiet-runtime.js';
import { replay } from '../support/replay.js';

quietRuntime();

const paths = askerHistories();
let workflowBundle: Awaited<ReturnType<typeof bundleAskers>>;
let errors: (Error | undefined)[] = [];
beforeAll(async () => {
  workflowBundle = await bundleAskers();
  const runs = paths.map((path) => ({ workflowId: 'replayed', history: readAskerHistory(path) }));
  errors = await replay(runs, workflowBundle);
});

test('there are recorded histories of askers to replay, and each was replayed', () => {
  expect(paths.length).toBeGreaterThan(0);
  expect(errors).toHaveLength(paths.length);
});

test.each(paths)("replays the user's workflow %s on the present helper", (path) => {
  expect(errors[paths.indexOf(path)]).toBeUndefined();
});

test('a history that the present helper would not have made is refused', async () => {
  const text = paths
    .map((path) => JSON.stringify(readAskerHistory(path)))
    .find((json) => json.includes('"readMonitor"'));
  const tampered: unknown = JSON.parse(text?.replaceAll('"readMonitor"', '"readWeather"') ?? '');

  const refused = await replay([{ workflowId: 'tampered', history: tampered }], workflowBundle);
  expect(refused).toEqual([expect.any(DeterminismViolationError)]);
});
