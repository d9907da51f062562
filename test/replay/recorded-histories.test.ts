import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, expect, test } from 'vitest';

import { quietRuntime } from '../support/quiet-runtime.js';
import { readRecordedHistory, recordedHistories } from '../support/recorded-histories.js';
import { replay } from '../support/replay.js';

quietRuntime();

const paths = recordedHistories();
let errors: (Error | undefined)[] = [];
beforeAll(async () => {
  errors = await replay(paths.map((path) => ({ workflowId: 'replayed', history: readRecordedHistory(path) })));
});

test('there are recorded histories to replay, and each was replayed', () => {
  expect(paths.length).toBeGreaterThan(0);
  expect(errors).toHaveLength(paths.length);
});

test.each(paths)('replays %s on the present code', (path) => {
  expect(errors[paths.indexOf(path)]).toBeUndefined();
});

test('a history that the present code would not have made is refused', async () => {
  const history = readRecordedHistory(paths.find((path) => path.includes('OUT-nudge.')) ?? '');
  const tampered: unknown = JSON.parse(JSON.stringify(history).replaceAll('"getStatus"', '"getWeather"'));

  expect(await replay([{ workflowId: 'tampered', history: tampered }])).toEqual([
    expect.any(DeterminismViolationError),
  ]);
});
