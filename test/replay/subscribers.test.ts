import { DeterminismViolationError } from '@temporalio/workflow';
import { expect, inject, test } from 'vitest';

import { quietRuntime } from '../support/quiet-runtime.js';
import { subscriberHistories } from '../support/recorded-histories.js';
import { replay } from '../support/replay.js';

quietRuntime();

const versions = subscriberHistories.versions();
const workflowBundle = { codePath: inject('callerBundlePath') };

test('histories of workflows that call awaitCallOutcome are recorded', () => {
  expect(versions).toEqual(expect.arrayContaining(['0.2.0', '0.2.0-dev-9442952']));
});

test.each(versions)('replays the subscribers of %s', async (version) => {
  const runs = [...subscriberHistories.ofVersion(version)];

  const results = await replay(runs, workflowBundle);

  expect(results.filter(({ error }) => error)).toEqual([]);
  expect(results).toHaveLength(runs.length);
});

test('a history with other commands than those of the present code is refused', async () => {
  const json = [...subscriberHistories.ofVersion('0.2.0')]
    .map(({ history }) => JSON.stringify(history))
    .find((text) => text.includes('"readMonitor"'));
  const history: unknown = JSON.parse(json!.replaceAll('"readMonitor"', '"anotherActivity"'));

  const [refused] = await replay([{ workflowId: 'tampered', history }], workflowBundle);

  expect(refused?.error).toBeInstanceOf(DeterminismViolationError);
});
