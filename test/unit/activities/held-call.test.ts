import { CancelledFailure } from '@temporalio/activity';
import { expect, test, vi } from 'vitest';

import { type ActivityDependencies, PolyAiError } from '../../../src/activities.js';
import type { PollProgress } from '../../../src/contract/get-status.js';
import { GET_STATUS_TIMEOUTS } from '../../../src/contract/pacing.js';
import {
  hold,
  iso,
  MINUTE,
  repeat,
  ScriptedApi,
  START,
  unavailable,
  useStillClock,
} from '../../support/held-call-rig.js';

async function failureOf(ended: Promise<unknown>): Promise<{ type?: string; details?: unknown[]; message: string }> {
  return (await ended.then(
    () => expect.unreachable('the hold did not fail'),
    (error: unknown) => error,
  )) as { message: string };
}

useStillClock();

test('polls at the interval until the call has ended, and tells each status with the time it was first seen', async () => {
  const { api, ended } = hold(['queued', 'queued', 'calling', 'calling', 'success']);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(await ended).toEqual({
    observation: { status: 'success', rawStatus: 'success', reason: '', observedAt: iso(12_000) },
    polls: 5,
    changes: [
      { status: 'queued', at: iso(0) },
      { status: 'calling', at: iso(6_000) },
      { status: 'success', at: iso(12_000) },
    ],
  });
  expect(api.askedAtMs).toEqual([0, 3_000, 6_000, 9_000, 12_000]);
});

test('ends when the status is no longer the one that the workflow knows', async () => {
  const { ended } = hold(['queued', 'queued', 'calling'], { input: { knownStatus: 'queued' } });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await ended).toMatchObject({ observation: { status: 'calling' }, polls: 3 });
});

test('ends with the first answer that the search attribute lacks, where the namespace has it', async () => {
  const { ended } = hold(['queued'], { dependencies: { searchAttributes: true } });
  await vi.advanceTimersByTimeAsync(0);
  expect(await ended).toMatchObject({ observation: { status: 'queued' }, polls: 1, searchAttributes: true });
});

test('an unknown status ends it at once, so that the workflow can show and log it; later it is held as any other', async () => {
  const first = hold(['ringing']);
  await vi.advanceTimersByTimeAsync(0);
  expect(await first.ended).toMatchObject({ observation: { status: 'ringing' }, polls: 1 });

  const second = hold(['ringing', 'ringing', 'success'], { input: { knownStatus: 'ringing' } });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await second.ended).toMatchObject({ observation: { status: 'success' }, polls: 3 });
});

test('is up to a fifth shorter, so that calls begun at once do not return at once', async () => {
  vi.mocked(Math.random).mockReturnValueOnce(0.999);
  const shorter = hold(['calling'], { input: { forMs: 30_000 } });
  vi.mocked(Math.random).mockReturnValueOnce(0);
  const longer = hold(['calling'], { input: { forMs: 30_000 } });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await shorter.ended).toMatchObject({ polls: 9 });
  expect(await longer.ended).toMatchObject({ polls: 10 });
});

test('returns what it last saw when its time is up, with no poll more', async () => {
  vi.mocked(Math.random).mockReturnValueOnce(0);
  const { api, ended } = hold(['calling'], { input: { forMs: 10_000 } });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await ended).toMatchObject({ observation: { status: 'calling', observedAt: iso(9_000) }, polls: 4 });
  expect(api.askedAtMs).toHaveLength(4);
});

test('waits are jittered by a fifth either way', async () => {
  const { api } = hold(['calling']);
  vi.mocked(Math.random).mockReturnValueOnce(0).mockReturnValueOnce(0.999);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(api.askedAtMs).toEqual([0, 2_400, 5_999]);
});

test('of a call that is not known yet an error is left to the retries of Temporal', async () => {
  const { api, ended } = hold([unavailable(5_000)]);
  await vi.advanceTimersByTimeAsync(0);
  const failure = await failureOf(ended);
  expect(failure).toMatchObject({ type: 'PolyAiUnavailable', nonRetryable: false, nextRetryDelay: 5_000 });
  expect(failure.details).toEqual([expect.objectContaining({ polls: 1 })]);
  expect(api.askedAtMs).toHaveLength(1);
});

test('errors under a known call are sat out with exponential back-off up to 30 s, and do not end the hold', async () => {
  const { api, ended } = hold(['calling', ...repeat(unavailable(), 7), 'success']);
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect(await ended).toMatchObject({ observation: { status: 'success' }, polls: 9 });
  const gaps = api.askedAtMs.slice(1).map((at, index) => at - api.askedAtMs[index]!);
  expect(gaps).toEqual([3_000, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('a good answer resets the back-off', async () => {
  const { api } = hold(['calling', unavailable(), unavailable(), 'calling', unavailable(), 'success']);
  await vi.advanceTimersByTimeAsync(MINUTE);
  const gaps = api.askedAtMs.slice(1).map((at, index) => at - api.askedAtMs[index]!);
  expect(gaps).toEqual([3_000, 1_000, 2_000, 3_000, 1_000]);
});

test.each([
  [20_000, 20_000],
  [3_600_000, 300_000],
])('Retry-After of %d ms makes it wait for %d ms', async (retryAfterMs, waitMs) => {
  const { api } = hold(['calling', unavailable(retryAfterMs), 'calling']);
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  expect(api.askedAtMs[2]! - api.askedAtMs[1]!).toBe(waitMs);
});

test.each<[PolyAiError['kind'], string]>([
  ['Unauthorized', '401'],
  ['CallNotFound', '404'],
  ['RequestRejected', '422'],
  ['InvalidCallSid', '400'],
])('%s ends the hold at once, and what was seen before is in the failure', async (kind, status) => {
  const { ended } = hold(['queued', 'calling', new PolyAiError(status, { kind })]);
  await vi.advanceTimersByTimeAsync(6_000);
  const failure = await failureOf(ended);
  expect(failure).toMatchObject({ type: kind, nonRetryable: true });
  expect(failure.details).toEqual([
    expect.objectContaining({
      polls: 3,
      observation: { status: 'calling', rawStatus: 'calling', reason: '', observedAt: iso(3_000) },
      changes: [
        { status: 'queued', at: iso(0) },
        { status: 'calling', at: iso(3_000) },
      ],
    }),
  ]);
});

test('an outage that outlasts the hold becomes a failure that Temporal retries, and the heartbeat has what was seen', async () => {
  const { ended, heartbeats } = hold(['calling', unavailable()], { input: { forMs: MINUTE } });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(await failureOf(ended)).toMatchObject({ type: 'PolyAiUnavailable', nonRetryable: false });
  expect(heartbeats.at(-1)!.details).toMatchObject({
    observation: { status: 'calling' },
    lastError: { type: 'PolyAiUnavailable', message: 'PolyAI answered 503' },
  });
});

test('a retry goes on from the heartbeat of the attempt before, and returns with the first good answer', async () => {
  const heartbeatDetails: PollProgress = {
    observation: { status: 'calling', rawStatus: 'calling', reason: '', observedAt: iso(-60_000) },
    statusSince: iso(-90_000),
    changes: [{ status: 'calling', at: iso(-90_000) }],
    polls: 12,
    errors: 2,
  };
  const { ended } = hold([unavailable(), 'calling'], { info: { attempt: 2, heartbeatDetails } });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await ended).toMatchObject({ polls: 14, changes: [{ status: 'calling', at: iso(-90_000) }] });
});

test('after a wide outage the retries do not all end at once, but poll on, each for up to 30 s', async () => {
  const answers = [unavailable(), 'calling'] as const;
  const throttling = { requestsPerSecond: 20, cause: 'PolyAiUnavailable', message: '503', since: iso(0) } as const;
  const lastPollsMs: number[] = [];
  for (const random of [0, 0.5, 0.99]) {
    const api = new ScriptedApi(answers);
    const { ended } = hold([], {
      input: { knownStatus: 'calling' },
      info: { attempt: 2 },
      dependencies: { polyAi: { getCallStatus: () => api.getCallStatus(), throttling } },
    });
    await vi.advanceTimersByTimeAsync(0);
    vi.mocked(Math.random).mockReturnValue(random);
    const startedAtMs = Date.now() - START;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(await ended).toMatchObject({ observation: { status: 'calling' } });
    lastPollsMs.push(api.askedAtMs.at(-1)! - startedAtMs);
    vi.mocked(Math.random).mockReturnValue(0.5);
  }
  expect(lastPollsMs[0]).toBeLessThan(2_000);
  expect(lastPollsMs[1]).toBeGreaterThan(10_000);
  expect(lastPollsMs[2]).toBeGreaterThan(25_000);
  expect(lastPollsMs[2]).toBeLessThan(32_000);
});

test('the time that earlier attempts took is taken off what the deadline leaves', async () => {
  const info = {
    attempt: 2,
    heartbeatDetails: undefined,
    scheduleToCloseTimeoutMs: 5 * MINUTE,
    scheduledTimestampMs: START - 4 * MINUTE,
    currentAttemptScheduledTimestampMs: START,
  };
  const { api, ended } = hold([new PolyAiError('no way', { kind: 'RateLimited' })], {
    info,
    input: { knownStatus: 'calling' },
  });
  await vi.advanceTimersByTimeAsync(MINUTE);
  await failureOf(ended);
  // 5 minutes less 4, less the 20 s that a last request may need.
  expect(Math.max(...api.askedAtMs)).toBeLessThanOrEqual(40_000);
});

test('no heartbeat and no poll comes after the end', async () => {
  const { api, ended, heartbeats } = hold(['success']);
  await vi.advanceTimersByTimeAsync(0);
  await ended;
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(heartbeats).toHaveLength(0);
  expect(api.askedAtMs).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a worker that shuts down gets its calls back at once, with what was last seen of them', async () => {
  const { environment, ended } = hold(['queued', 'calling']);
  await vi.advanceTimersByTimeAsync(4_000);
  environment.cancel('WORKER_SHUTDOWN');
  expect(await ended).toMatchObject({ observation: { status: 'calling' }, polls: 2, handedBack: true });
  expect(vi.getTimerCount()).toBe(0);
});

test('a shutdown before the first answer leaves the call to another worker, without a failure', async () => {
  const { environment, ended } = hold([], { dependencies: { polyAi: silent } });
  environment.cancel('WORKER_SHUTDOWN');
  expect(await ended).toEqual({ polls: 0, changes: [], handedBack: true });
});

test('an outage is sat out until the hold has no time left for another wait; that is waited out between attempts', async () => {
  const { ended } = hold(['calling', unavailable(5 * MINUTE)], { input: { forMs: 4 * MINUTE } });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await failureOf(ended)).toMatchObject({ type: 'PolyAiUnavailable', nextRetryDelay: 5 * MINUTE });
});

test('a request that never ends does not outlive the hold by more than it may', async () => {
  const { ended } = hold([], { dependencies: { polyAi: silent }, input: { forMs: MINUTE, knownStatus: 'calling' } });
  await vi.advanceTimersByTimeAsync(MINUTE + GET_STATUS_TIMEOUTS.startToCloseMs);
  expect(await failureOf(ended)).toMatchObject({ type: 'PolyAiUnavailable', nonRetryable: false });
  expect(vi.getTimerCount()).toBe(0);
});

test('whoever asks for no wait between two polls is still given one', async () => {
  const { api } = hold(['calling'], { input: { intervalMs: 0 } });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(api.askedAtMs).toHaveLength(5);
});

test('a cancellation ends it at once, and is what the activity rejects with', async () => {
  const { environment, ended } = hold(['calling']);
  await vi.advanceTimersByTimeAsync(1_000);
  environment.cancel();
  await expect(ended).rejects.toBeInstanceOf(CancelledFailure);
  expect(vi.getTimerCount()).toBe(0);
});

const silent: ActivityDependencies['polyAi'] = {
  getCallStatus: (_, options) =>
    new Promise((__, reject) => {
      const signal = options?.signal;
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
};
