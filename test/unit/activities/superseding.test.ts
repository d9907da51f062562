import { CancelledFailure } from '@temporalio/activity';
import { expect, test, vi } from 'vitest';

import { PolyAiError } from '../../../src/activities.js';
import { LONG_POLL, useActivityWorkerRig } from '../../support/activity-worker-rig.js';

const rig = useActivityWorkerRig();

const first = { callSid: 'OUT-1', hold: LONG_POLL, reportAs: 1 };
const second = { callSid: 'OUT-1', reportAs: 2 };

test('a getStatus ends the long poll of the same call and run, which reports all its polls first', async () => {
  const longPoll = rig().start(first);
  await vi.advanceTimersByTimeAsync(4_000);

  const { ended } = rig().start(second);
  await vi.advanceTimersByTimeAsync(0);

  expect(await ended).toMatchObject({ polls: 1 });
  expect(rig().signals.sent.map(({ report }) => [report.reportAs, report.polls])).toEqual([
    [1, 1],
    [1, rig().requests.length - 1],
  ]);
  await longPoll.ended;
  const before = rig().requests.length;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(rig().requests).toHaveLength(before);
});

test('a getStatus returns or fails only after the long poll that it supersedes has reported', async () => {
  void rig().start(first);
  await vi.advanceTimersByTimeAsync(4_000);
  rig().signals.failures = ['hangs'];
  rig().answers['OUT-1'] = new PolyAiError('404', { kind: 'CallNotFound' });
  const onEnd = vi.fn();
  const { ended } = rig().start(second);
  ended.then(onEnd, onEnd);

  await vi.advanceTimersByTimeAsync(2_900);
  expect(onEnd).not.toHaveBeenCalled();
  // A server that does not answer does not hold it up for long.
  await vi.advanceTimersByTimeAsync(200);
  await expect(ended).rejects.toMatchObject({ type: 'CallNotFound' });
});

test('a cancelled long poll reports its polls', async () => {
  const longPoll = rig().start(first);
  await vi.advanceTimersByTimeAsync(4_000);
  longPoll.cancel();
  await expect(longPoll.ended).rejects.toBeInstanceOf(CancelledFailure);
  expect(rig().signals.sent.at(-1)?.report.polls).toBe(rig().requests.length);
});

test('a long poll without anything new to report reports nothing when it is superseded', async () => {
  void rig().start(first);
  await vi.advanceTimersByTimeAsync(0);
  await rig().start(second).ended;
  expect(rig().signals.sent).toHaveLength(1);
});

const NOT_FOUND = new PolyAiError('404', { kind: 'CallNotFound' });

/** A long poll that fails after two polls, the second of which the monitor does not know. */
async function failingLongPoll(): Promise<void> {
  const longPoll = rig().start(first);
  await vi.advanceTimersByTimeAsync(0);
  rig().answers['OUT-1'] = NOT_FOUND;
  await vi.advanceTimersByTimeAsync(4_000);
  await expect(longPoll.ended).rejects.toMatchObject({ type: 'CallNotFound' });
  rig().signals.sent.length = 0;
}

test('a getStatus reports the one before it that has ended by itself, if the monitor has abandoned that', async () => {
  await failingLongPoll();
  await rig()
    .start({ ...second, followsAbandoned: true })
    .ended.catch(() => undefined);
  expect(rig().signals.sent.map(({ report }) => report)).toMatchObject([
    { reportAs: 1, polls: 2, observation: { status: 'calling' }, changes: [{ status: 'calling' }] },
  ]);
});

test('a getStatus whose result the monitor has received is not reported', async () => {
  await failingLongPoll();
  await rig()
    .start(second)
    .ended.catch(() => undefined);
  expect(rig().signals.sent).toEqual([]);
});

test('a getStatus that ended more than a minute ago is forgotten when another ends', async () => {
  await failingLongPoll();
  await vi.advanceTimersByTimeAsync(60_000);
  await rig().start({ callSid: 'OUT-2' }).ended;
  await rig()
    .start({ ...second, followsAbandoned: true })
    .ended.catch(() => undefined);
  expect(rig().signals.sent).toEqual([]);
});

test('neither another call of the same run nor another run of the same call is superseded', async () => {
  void rig().start(first);
  await vi.advanceTimersByTimeAsync(0);
  await rig().start({ ...second, callSid: 'OUT-2' }).ended;
  await rig().start(second, 'run-2').ended;
  const before = rig().requests.length;
  await vi.advanceTimersByTimeAsync(4_000);
  expect(rig().requests.slice(before)).toEqual(['OUT-1']);
});
