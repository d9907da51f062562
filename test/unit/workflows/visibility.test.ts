import { log } from '@temporalio/workflow';
import { expect, onTestFinished, test, vi } from 'vitest';

import { applyPoll, initialMonitorState } from '../../../src/workflows/monitor-state.js';
import { publishStatusChange } from '../../../src/workflows/visibility.js';
import { failed, observed, START } from './poll-results.js';

const NOWHERE = { writeMemo: false, writeSearchAttributes: false };

test('each unknown status is logged once, however often the call has it', () => {
  const warn = vi.spyOn(log, 'warn').mockReturnValue();
  onTestFinished(() => warn.mockRestore());
  let state = initialMonitorState(START, 3_600_000);
  for (const poll of ['queued', 'Ringing', 'calling', 'ringing', 'on-hold', 'RINGING', 'on-hold']) {
    for (const result of [observed(poll), failed('PolyAiUnavailable'), observed(poll)]) {
      const after = applyPoll(state, result, START);
      publishStatusChange(state, after, NOWHERE);
      state = after;
    }
  }
  expect(warn.mock.calls.map(([, attributes]) => attributes)).toEqual([{ status: 'ringing' }, { status: 'on-hold' }]);
});
