import { expect, test, vi } from 'vitest';

import { PolyAiError } from '../../../src/activities.js';
import { LONG_POLL, useActivityWorkerRig } from '../../support/activity-worker-rig.js';
import { RecordedSignals } from '../../support/recorded-signals.js';

const rig = useActivityWorkerRig();

const down = new PolyAiError('503', { kind: 'PolyAiUnavailable' });
const CALL_SIDS = ['OUT-1', 'OUT-2', 'OUT-3', 'OUT-4'];
/** Of a call that its monitor knows, so that an error is retried in place. */
const KNOWN = { ...LONG_POLL, knownStatus: 'calling' };

function start(callSid: string, hold = LONG_POLL) {
  return rig().start({ callSid, hold, reportAs: 1 }, callSid);
}

test('beyond its limit a worker evicts the oldest long polls', async () => {
  const longPolls = CALL_SIDS.map((callSid) => start(callSid));
  await vi.advanceTimersByTimeAsync(0);
  for (const { ended } of longPolls.slice(0, 2))
    expect(await ended).toMatchObject({ observation: { status: 'calling' } });
  rig().requests = [];
  await vi.advanceTimersByTimeAsync(4_000);
  expect(new Set(rig().requests)).toEqual(new Set(['OUT-3', 'OUT-4']));
});

test('in an outage long polls make room too: their attempts fail, and the next begin when the next polls were due', async () => {
  for (const callSid of CALL_SIDS) rig().answers[callSid] = down;
  const longPolls = CALL_SIDS.map((callSid) => start(callSid, KNOWN));
  await vi.advanceTimersByTimeAsync(0);
  for (const { ended } of longPolls.slice(0, 2)) {
    const failure = await ended.catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'PolyAiUnavailable', nonRetryable: false });
    const { nextRetryDelay } = failure as { nextRetryDelay: number };
    expect(nextRetryDelay).toBeGreaterThan(700);
    expect(nextRetryDelay).toBeLessThanOrEqual(1_200);
  }
});

test('a long poll that waits out an error makes room before one that is healthy, although that is older', async () => {
  rig().answers['OUT-2'] = down;
  const healthy = start('OUT-1');
  const failing = start('OUT-2', KNOWN);
  await vi.advanceTimersByTimeAsync(0);
  start('OUT-3');
  await expect(failing.ended).rejects.toMatchObject({ type: 'PolyAiUnavailable' });
  rig().requests = [];
  await vi.advanceTimersByTimeAsync(4_000);
  expect(new Set(rig().requests)).toEqual(new Set(['OUT-1', 'OUT-3']));
  healthy.cancel();
});

test('the account with the most long polls makes room, whoever comes', async () => {
  rig().answers['OUT-2'] = down;
  const small = rig().start({ callSid: 'OUT-1', hold: LONG_POLL, account: 'small' }, 'OUT-1');
  await vi.advanceTimersByTimeAsync(0);
  for (const callSid of ['OUT-2', 'OUT-3', 'OUT-4', 'OUT-5']) {
    start(callSid, KNOWN);
    await vi.advanceTimersByTimeAsync(100);
  }
  rig().requests = [];
  await vi.advanceTimersByTimeAsync(4_000);
  expect(new Set(rig().requests)).toEqual(new Set(['OUT-1', 'OUT-5']));
  small.cancel();
});

test('a long poll without an answer makes room after 5 s, the newest first, and its attempt fails', async () => {
  for (const callSid of CALL_SIDS) rig().answers[callSid] = 'hangs';
  const longPolls = CALL_SIDS.map((callSid) => start(callSid));
  const failed: string[] = [];
  for (const [index, { ended }] of longPolls.entries()) ended.catch(() => failed.push(CALL_SIDS[index]!));
  await vi.advanceTimersByTimeAsync(4_000);
  expect(failed).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_500);
  expect(failed).toEqual(['OUT-4', 'OUT-3']);
  await expect(longPolls[3]!.ended).rejects.toMatchObject({ type: 'PolyAiUnavailable', nonRetryable: false });
});

test('workers that share their activities have slots of their own', async () => {
  const other = new RecordedSignals().client;
  start('OUT-1');
  start('OUT-2');
  rig().start({ callSid: 'OUT-3', hold: LONG_POLL }, 'OUT-3', other);
  rig().start({ callSid: 'OUT-4', hold: LONG_POLL }, 'OUT-4', other);
  await vi.advanceTimersByTimeAsync(0);
  rig().requests = [];
  await vi.advanceTimersByTimeAsync(4_000);
  expect(new Set(rig().requests)).toEqual(new Set(CALL_SIDS));
});
