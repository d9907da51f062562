import { expect, test, vi } from 'vitest';

import { hold, iso, MINUTE, repeat, unavailable, useStillClock } from '../../support/held-call-rig.js';

useStillClock();

test('heartbeats soon after the first answer, then every 60 to 75 s; with status, its age, polls and errors', async () => {
  const { heartbeats } = hold(['queued', 'calling', ...repeat('calling', 20), unavailable(), 'calling'], {
    input: { intervalMs: 10_000 },
  });
  await vi.advanceTimersByTimeAsync(4 * MINUTE + 40_000);
  expect(heartbeats.map(({ atMs }) => atMs)).toEqual([5_000, 72_500, 140_000, 207_500, 275_000]);
  expect(heartbeats[1]!.details).toMatchObject({
    observation: { status: 'calling' },
    statusSince: iso(10_000),
    polls: 8,
    errors: 0,
  });
  expect(heartbeats.at(-1)!.details).toMatchObject({ observation: { status: 'calling' }, errors: 1 });
  expect(heartbeats.at(-1)!.details).not.toHaveProperty('lastError');
});

test('of the 501st call at once news waits for the heartbeat of the minute', async () => {
  // They poll rarely, because each timer that fires costs a turn of the real event loop.
  const input = { intervalMs: 2 * MINUTE };
  const one = hold(['calling'], { input, dependencies: { callsAtOnce: 1_000 } });
  const begin = (index: number) => hold(['calling'], { input, callSid: `OUT-a${index}`, getStatus: one.getStatus });
  const first = [one, ...Array.from({ length: 499 }, (_, index) => begin(index))];
  await vi.advanceTimersByTimeAsync(1_000);
  const last = begin(500);
  await vi.advanceTimersByTimeAsync(67_499);
  expect(first.filter(({ heartbeats }) => heartbeats.length === 1)).toHaveLength(500);
  expect(last.heartbeats).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(last.heartbeats).toHaveLength(1);
});
