import { CancelledFailure } from '@temporalio/activity';
import { expect, test, vi } from 'vitest';

import { PolyAiError } from '../../../src/activities.js';
import { LONG_POLL, useActivityWorkerRig } from '../../support/activity-worker-rig.js';

const rig = useActivityWorkerRig();

test('a getStatus ends the long poll of the same call and run, and returns what that one observed', async () => {
  rig().answers['OUT-1'] = 'queued';
  const longPoll = rig().start({ callSid: 'OUT-1', hold: LONG_POLL });
  await vi.advanceTimersByTimeAsync(4_000);
  rig().answers['OUT-1'] = 'calling';

  const { polls, changes } = await rig().start({ callSid: 'OUT-1', resumes: true }).ended;

  expect(changes?.map(({ status }) => status)).toEqual(['queued', 'calling']);
  expect(polls).toBe(rig().requests.length);
  await longPoll.ended;
  const before = rig().requests.length;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(rig().requests).toHaveLength(before);
});

test('undelivered progress survives a second getStatus that fails', async () => {
  void rig().start({ callSid: 'OUT-1', hold: LONG_POLL });
  await vi.advanceTimersByTimeAsync(4_000);
  rig().answers['OUT-1'] = new PolyAiError('503', { kind: 'PolyAiUnavailable' });
  await expect(rig().start({ callSid: 'OUT-1', resumes: true }).ended).rejects.toMatchObject({
    type: 'PolyAiUnavailable',
  });
  rig().answers['OUT-1'] = new PolyAiError('404', { kind: 'CallNotFound' });

  const last = rig().start({ callSid: 'OUT-1', resumes: true });

  await expect(last.ended).rejects.toMatchObject({
    type: 'CallNotFound',
    details: [{ observation: { status: 'calling' }, polls: rig().requests.length }],
  });
});

test('the getStatus after a cancellation returns what the cancelled long poll observed', async () => {
  const longPoll = rig().start({ callSid: 'OUT-1', hold: LONG_POLL });
  await vi.advanceTimersByTimeAsync(0);
  longPoll.cancel();
  await expect(longPoll.ended).rejects.toBeInstanceOf(CancelledFailure);
  expect(await rig().start({ callSid: 'OUT-1', resumes: true }).ended).toMatchObject({ polls: 2 });
});

test('delivered progress is not returned again', async () => {
  rig().answers['OUT-1'] = 'success';
  await rig().start({ callSid: 'OUT-1', hold: LONG_POLL }).ended;
  expect(await rig().start({ callSid: 'OUT-1', resumes: true }).ended).toMatchObject({ polls: 1 });
});

test('neither another call of the same run nor another run of the same call is superseded', async () => {
  void rig().start({ callSid: 'OUT-1', hold: LONG_POLL });
  await vi.advanceTimersByTimeAsync(0);
  expect(await rig().start({ callSid: 'OUT-2', resumes: true }).ended).toMatchObject({ polls: 1 });
  expect(await rig().start({ callSid: 'OUT-1', resumes: true }, 'run-2').ended).toMatchObject({ polls: 1 });
  const before = rig().requests.length;
  await vi.advanceTimersByTimeAsync(4_000);
  expect(rig().requests.slice(before)).toEqual(['OUT-1']);
});
