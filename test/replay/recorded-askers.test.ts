import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';

import { askerHistories, readAskerHistory } from '../support/asker-histories.js';
import { bundleAskers } from '../support/asker-rig.js';
import { quietRuntime } from '../support/quiet-runtime.js';

quietRuntime();

const paths = askerHistories();
let workflowBundle: Awaited<ReturnType<typeof bundleAskers>>;
beforeAll(async () => void (workflowBundle = await bundleAskers()));

test('there are recorded histories of askers to replay', () => {
  expect(paths.length).toBeGreaterThan(0);
});

test.each(paths)("replays the user's workflow %s on the present helper", async (path) => {
  await Worker.runReplayHistory({ workflowBundle }, readAskerHistory(path), 'replayed');
});

test('a history that the present helper would not have made is refused', async () => {
  const text = paths
    .map((path) => JSON.stringify(readAskerHistory(path)))
    .find((json) => json.includes('"readMonitor"'));
  const tampered = text?.replaceAll('"readMonitor"', '"readWeather"') ?? '';

  const replay = Worker.runReplayHistory({ workflowBundle }, JSON.parse(tampered), 'tampered');
  await expect(replay).rejects.toThrow(DeterminismViolationError);
});
