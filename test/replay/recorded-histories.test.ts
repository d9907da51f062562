import { DeterminismViolationError } from '@temporalio/workflow';
import { expect, test } from 'vitest';

import { quietRuntime } from '../support/quiet-runtime.js';
import { readRecordedHistory, recordedHistories } from '../support/recorded-histories.js';
import { replayHistory } from '../support/replay.js';

quietRuntime();

const paths = recordedHistories();

test('there are recorded histories to replay', () => {
  expect(paths.length).toBeGreaterThan(0);
});

test.each(paths)('replays %s on the present code', async (path) => {
  await replayHistory(readRecordedHistory(path), 'replayed');
});

test('a history that the present code would not have made is refused', async () => {
  const history = readRecordedHistory(paths.find((path) => path.includes('OUT-nudge.')) ?? '');
  const tampered = JSON.stringify(history).replaceAll('"getStatus"', '"getWeather"');

  await expect(replayHistory(JSON.parse(tampered), 'tampered')).rejects.toThrow(DeterminismViolationError);
});
