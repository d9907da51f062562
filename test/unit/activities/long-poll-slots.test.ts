import { expect, test, vi } from 'vitest';

import { PolyAiError } from '../../../src/activities.js';
import { LONG_POLL, useActivityWorkerRig } from '../../support/activity-worker-rig.js';

const rig = useActivityWorkerRig();

test('beyond its limit a worker evicts the oldest long polls', async () => {
  const longPolls = ['OUT-1', 'OUT-2', 'OUT-3', 'OUT-4'].map((callSid) =>
    rig().start({ callSid, hold: LONG_POLL }, callSid),
  );
  await vi.advanceTimersByTimeAsync(0);
  for (const { ended } of longPolls.slice(0, 2))
    expect(await ended).toMatchObject({ observation: { status: 'calling' } });
  rig().requests = [];
  await vi.advanceTimersByTimeAsync(4_000);
  expect(new Set(rig().requests)).toEqual(new Set(['OUT-3', 'OUT-4']));
});

test('a long poll that began in an outage is evicted only after its first observation', async () => {
  const down = new PolyAiError('503', { kind: 'PolyAiUnavailable' });
  const callSids = ['OUT-1', 'OUT-2', 'OUT-3', 'OUT-4'];
  for (const callSid of callSids) rig().answers[callSid] = down;
  const hold = { ...LONG_POLL, knownStatus: 'calling' };
  const longPolls = callSids.map((callSid) => rig().start({ callSid, hold }, callSid));
  let returned = 0;
  for (const { ended } of longPolls) void ended.then(() => (returned += 1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(returned).toBe(0);
  rig().answers = {};
  await vi.advanceTimersByTimeAsync(40_000);
  expect(returned).toBe(2);
});
