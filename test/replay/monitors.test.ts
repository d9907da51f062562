import { DeterminismViolationError } from '@temporalio/workflow';
import { expect, inject, test } from 'vitest';

import { withIgnoredReport } from '../support/ignored-report.js';
import { quietRuntime } from '../support/quiet-runtime.js';
import { monitorHistories, type RecordedRun, stagesOf } from '../support/recorded-histories.js';
import { replay } from '../support/replay.js';

quietRuntime();

const versions = monitorHistories.versions();

test('histories of 0.1.0 and of the last commit before the restructuring are recorded', () => {
  expect(versions).toEqual(expect.arrayContaining(['0.1.0', '0.1.0-to-0.2.0', '0.2.0-dev-9442952']));
});

test.each(versions)('replays the monitors of %s, whole and from every stage', async (version) => {
  const runs = [...monitorHistories.ofVersion(version)];
  const stages = runs.flatMap((run) => [...stagesOf(run)]);

  const results = await replay([...runs, ...stages]);

  expect(results.filter(({ error }) => error)).toEqual([]);
  expect(results).toHaveLength(runs.length + stages.length);
});

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

test('a history with other commands than those of the present code is refused', async () => {
  const json = [...monitorHistories.ofVersion('0.1.0')]
    .map(({ history }) => JSON.stringify(history))
    .find((text) => text.includes('"getStatus"'));
  const history: unknown = JSON.parse(json!.replaceAll('"getStatus"', '"anotherActivity"'));

  const [refused] = await replay([{ workflowId: 'tampered', history }]);

  expect(refused?.error).toBeInstanceOf(DeterminismViolationError);
});
