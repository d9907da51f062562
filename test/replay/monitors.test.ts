import { DeterminismViolationError } from '@temporalio/workflow';
import { expect, test } from 'vitest';

import { quietRuntime } from '../support/quiet-runtime.js';
import { monitorHistories } from '../support/recorded-histories.js';
import { replay } from '../support/replay.js';

quietRuntime();

const versions = monitorHistories.versions();

test('histories of 0.1.0 and of the last commit before the restructuring are recorded', () => {
  expect(versions).toEqual(expect.arrayContaining(['0.1.0', '0.1.0-to-0.2.0', '0.2.0-dev-9442952']));
});

test.each(versions)('replays the monitors of %s', async (version) => {
  const runs = [...monitorHistories.ofVersion(version)];

  const results = await replay(runs);

  expect(results.filter(({ error }) => error)).toEqual([]);
  expect(results).toHaveLength(runs.length);
});

test('a history with other commands than those of the present code is refused', async () => {
  const json = [...monitorHistories.ofVersion('0.1.0')]
    .map(({ history }) => JSON.stringify(history))
    .find((text) => text.includes('"getStatus"'));
  const history: unknown = JSON.parse(json!.replaceAll('"getStatus"', '"anotherActivity"'));

  const [refused] = await replay([{ workflowId: 'tampered', history }]);

  expect(refused?.error).toBeInstanceOf(DeterminismViolationError);
});
