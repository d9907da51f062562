import { ServiceError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test, vi } from 'vitest';

import { createActivities } from '../../../src/activities.js';
import {
  iso,
  MINUTE,
  repeat,
  ScriptedApi,
  startLongPoll,
  unavailable,
  useFakeClock,
} from '../../support/long-poll-rig.js';
import { RecordedSignals } from '../../support/recorded-signals.js';

useFakeClock();

const UNAVAILABLE = 14;
const PERMISSION_DENIED = 7;

function serverError(code: number): Error {
  const cause = Object.assign(new Error(`gRPC ${code}`), { code, details: '', metadata: {} });
  return new ServiceError('failed to signal', { cause });
}

function start(
  answers: readonly (string | ReturnType<typeof unavailable>)[],
  options: Parameters<typeof startLongPoll>[1] = {},
) {
  const signals = new RecordedSignals();
  const info = { workflowExecution: { workflowId: 'monitor', runId: 'run-1' } };
  return { signals, ...startLongPoll(answers, { signals, info, ...options }) };
}

test('each status change goes to the run of the monitor as one signal, and the long poll goes on', async () => {
  const { signals, api } = start(['queued', 'queued', 'calling', 'calling'], {
    reportAs: 4,
    dependencies: { searchAttributes: true },
  });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(signals.sent).toEqual([
    expect.objectContaining({ workflowId: 'monitor', runId: 'run-1', name: 'reportStatus' }),
    expect.objectContaining({ workflowId: 'monitor', runId: 'run-1', name: 'reportStatus' }),
  ]);
  expect(signals.sent[1]!.report).toEqual({
    reportAs: 4,
    polls: 3,
    observation: { status: 'calling', rawStatus: 'calling', reason: '', observedAt: iso(6_000) },
    changes: [
      { status: 'queued', at: iso(0) },
      { status: 'calling', at: iso(6_000) },
    ],
    searchAttributes: true,
  });
  expect(api.polledAtMs).toHaveLength(21);
});

test('a status that the workflow knows and a terminal one need no signal', async () => {
  const { signals, ended } = start(['calling', 'calling', 'success'], { input: { knownStatus: 'calling' } });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await ended).toMatchObject({ observation: { status: 'success' } });
  expect(signals.sent).toHaveLength(0);
});

test('a monitor that does not handle reports gets none', async () => {
  const { signals } = start(['queued'], { reportAs: null });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(signals.sent).toHaveLength(0);
});

test('with status updates by heartbeat only an unknown status is reported', async () => {
  const { signals } = start(['queued', 'calling', 'ringing', 'calling'], {
    dependencies: { statusUpdates: 'heartbeat' },
  });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(signals.statuses).toEqual(['ringing']);
});

test('while the server is away polls go on, and the change is sent again after later polls, with backoff', async () => {
  const { signals, api } = start(['queued', ...repeat('calling', 30)]);
  signals.failures = [undefined, serverError(UNAVAILABLE), serverError(UNAVAILABLE), serverError(UNAVAILABLE)];
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(signals.statuses).toEqual(['queued', 'calling', 'calling', 'calling', 'calling']);
  expect(signals.sent.at(-1)!.report.changes).toHaveLength(2);
  expect(api.polledAtMs).toHaveLength(21);
});

test('a change is sent again also while polls fail', async () => {
  const { signals } = start(['calling', ...repeat(unavailable(), 10)]);
  signals.failures = [serverError(UNAVAILABLE)];
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(signals.statuses).toEqual(['calling', 'calling']);
});

test('a signal without an answer delays no poll, and a change meanwhile waits for it', async () => {
  const { signals, api } = start(['queued', 'calling']);
  signals.failures = ['hangs'];
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(api.polledAtMs).toHaveLength(21);
  expect(signals.statuses).toEqual(['queued']);
});

test.each([
  ['closed run', new WorkflowNotFoundError('closed', 'monitor', 'run-1')],
  ['denied permission', serverError(PERMISSION_DENIED)],
])('after a %s nothing more is reported, and polls go on', async (_, failure) => {
  const { signals, api } = start(['queued', 'calling']);
  signals.failures = [failure];
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(signals.statuses).toEqual(['queued']);
  expect(api.polledAtMs).toHaveLength(21);
});

test('in a test environment without a client a long poll reports nothing', async () => {
  const api = new ScriptedApi(['queued', 'success']);
  const { getStatus } = createActivities({ polyAi: api });
  const hold = { forMs: MINUTE, intervalMs: 3_000 };
  const ended = new MockActivityEnvironment({ scheduleToCloseTimeoutMs: 0 }).run(getStatus, {
    callSid: 'OUT-1',
    hold,
    reportAs: 1,
  });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await ended).toMatchObject({ observation: { status: 'success' }, polls: 2 });
});
