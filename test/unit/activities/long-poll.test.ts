import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { expect, test, vi } from 'vitest';

import { type ActivityDependencies, PolyAiError } from '../../../src/activities.js';
import type { PollProgress } from '../../../src/contract/get-status.js';
import { GET_STATUS_TIMEOUTS } from '../../../src/contract/pacing.js';
import {
  GAUGES_TIMER,
  startLongPoll,
  iso,
  MINUTE,
  repeat,
  ScriptedApi,
  START,
  unavailable,
  useFakeClock,
} from '../../support/long-poll-rig.js';

async function failureOf(ended: Promise<unknown>): Promise<{ type?: string; details?: unknown[]; message: string }> {
  return (await ended.then(
    () => expect.unreachable('the long poll did not fail'),
    (error: unknown) => error,
  )) as { message: string };
}

useFakeClock();

test('polls at the interval until the call has ended, and returns each status with the time it was first observed', async () => {
  const { api, ended } = startLongPoll(['queued', 'queued', 'calling', 'calling', 'success']);
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
  expect(api.polledAtMs).toEqual([0, 3_000, 6_000, 9_000, 12_000]);
});

test('a status change, also to an unknown status, does not end the long poll', async () => {
  const { ended } = startLongPoll(['queued', 'ringing', 'calling', 'success'], { input: { knownStatus: 'queued' } });
  await vi.advanceTimersByTimeAsync(9_000);
  expect(await ended).toMatchObject({ observation: { status: 'success' }, polls: 4 });
});

test('twenty status changes end the long poll, so that its result stays small', async () => {
  const { ended } = startLongPoll(Array.from({ length: 30 }, (_, poll) => (poll % 2 === 0 ? 'queued' : 'calling')));
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(await ended).toMatchObject({ observation: { status: 'calling', observedAt: iso(57_000) }, polls: 20 });
  expect((await ended).changes).toHaveLength(20);
});

test('for a monitor that does not handle reports, a change of the status that it knows ends the long poll', async () => {
  const { ended } = startLongPoll(['queued', 'queued', 'calling'], {
    input: { knownStatus: 'queued' },
    reportAs: null,
  });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await ended).toMatchObject({ observation: { status: 'calling' }, polls: 3 });
});

test('for a monitor that does not handle reports, an unknown status ends the long poll once', async () => {
  const first = startLongPoll(['ringing'], { reportAs: null });
  await vi.advanceTimersByTimeAsync(0);
  expect(await first.ended).toMatchObject({ observation: { status: 'ringing' }, polls: 1 });

  const input = { knownStatus: 'ringing' };
  const second = startLongPoll(['ringing', 'ringing', 'success'], { input, reportAs: null });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await second.ended).toMatchObject({ observation: { status: 'success' }, polls: 3 });
});

test('is up to a fifth shorter than the hold time, so that calls that began together do not return together', async () => {
  vi.mocked(Math.random).mockReturnValueOnce(0.999);
  const shorter = startLongPoll(['calling'], { input: { forMs: 30_000 } });
  vi.mocked(Math.random).mockReturnValueOnce(0);
  const longer = startLongPoll(['calling'], { input: { forMs: 30_000 } });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await shorter.ended).toMatchObject({ polls: 9 });
  expect(await longer.ended).toMatchObject({ polls: 10 });
});

test('returns the last observation when its time is up, without another poll', async () => {
  vi.mocked(Math.random).mockReturnValueOnce(0);
  const { api, ended } = startLongPoll(['calling'], { input: { forMs: 10_000 } });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await ended).toMatchObject({ observation: { status: 'calling', observedAt: iso(9_000) }, polls: 4 });
  expect(api.polledAtMs).toHaveLength(4);
});

test('jitters waits by a fifth either way', async () => {
  const { api } = startLongPoll(['calling']);
  vi.mocked(Math.random).mockReturnValueOnce(0).mockReturnValueOnce(0.999);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(api.polledAtMs).toEqual([0, 2_400, 5_999]);
});

test('before the first observation an error fails the attempt, and Temporal retries it', async () => {
  const { api, ended } = startLongPoll([unavailable(5_000)]);
  await vi.advanceTimersByTimeAsync(0);
  const failure = await failureOf(ended);
  expect(failure).toMatchObject({ type: 'PolyAiUnavailable', nonRetryable: false, nextRetryDelay: 5_000 });
  expect(failure.details).toEqual([expect.objectContaining({ polls: 1 })]);
  expect(api.polledAtMs).toHaveLength(1);
});

test('once the call was observed, transient errors are retried in place with exponential backoff up to 30 s', async () => {
  const { api, ended } = startLongPoll(['calling', ...repeat(unavailable(), 7), 'success']);
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect(await ended).toMatchObject({ observation: { status: 'success' }, polls: 9 });
  const gaps = api.polledAtMs.slice(1).map((at, index) => at - api.polledAtMs[index]!);
  expect(gaps).toEqual([3_000, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('an observation resets the backoff', async () => {
  const { api } = startLongPoll(['calling', unavailable(), unavailable(), 'calling', unavailable(), 'success']);
  await vi.advanceTimersByTimeAsync(MINUTE);
  const gaps = api.polledAtMs.slice(1).map((at, index) => at - api.polledAtMs[index]!);
  expect(gaps).toEqual([3_000, 1_000, 2_000, 3_000, 1_000]);
});

test.each([
  [20_000, 20_000],
  [3_600_000, 300_000],
])('Retry-After of %d ms makes it wait for %d ms', async (retryAfterMs, waitMs) => {
  const { api } = startLongPoll(['calling', unavailable(retryAfterMs), 'calling']);
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  expect(api.polledAtMs[2]! - api.polledAtMs[1]!).toBe(waitMs);
});

test.each<[PolyAiError['kind'], string]>([
  ['Unauthorized', '401'],
  ['CallNotFound', '404'],
  ['RequestRejected', '422'],
  ['InvalidCallSid', '400'],
])('%s ends the long poll at once, and the failure details hold what was observed', async (kind, status) => {
  const { ended } = startLongPoll(['queued', 'calling', new PolyAiError(status, { kind })]);
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

test('an outage longer than the hold time becomes a retryable failure, and the heartbeat holds what was observed', async () => {
  const { ended, heartbeats } = startLongPoll(['calling', unavailable()], { input: { forMs: MINUTE } });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(await failureOf(ended)).toMatchObject({ type: 'PolyAiUnavailable', nonRetryable: false });
  expect(heartbeats.at(-1)!.details).toMatchObject({
    observation: { status: 'calling' },
    lastError: { type: 'PolyAiUnavailable', message: 'PolyAI answered 503' },
  });
});

test('a retry resumes from the last heartbeat, and returns after the first observation', async () => {
  const heartbeatDetails: PollProgress = {
    observation: { status: 'calling', rawStatus: 'calling', reason: '', observedAt: iso(-60_000) },
    statusSince: iso(-90_000),
    changes: [{ status: 'calling', at: iso(-90_000) }],
    polls: 12,
    errors: 2,
  };
  const { ended } = startLongPoll([unavailable(), 'calling'], { info: { attempt: 2, heartbeatDetails } });
  // The backoff goes on where Temporal's was.
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await ended).toMatchObject({ polls: 14, changes: [{ status: 'calling', at: iso(-90_000) }] });
});

test('while requests are throttled, retries return at random times within 30 s instead of all at once', async () => {
  const answers = [unavailable(), 'calling'] as const;
  const throttling = { requestsPerSecond: 20, cause: 'PolyAiUnavailable', message: '503', since: iso(0) } as const;
  const lastPollsMs: number[] = [];
  for (const random of [0, 0.5, 0.99]) {
    const api = new ScriptedApi(answers);
    const { ended } = startLongPoll([], {
      input: { knownStatus: 'calling' },
      info: { attempt: 2 },
      dependencies: { polyAi: { getCallStatus: () => api.getCallStatus(), throttling } },
    });
    await vi.advanceTimersByTimeAsync(0);
    vi.mocked(Math.random).mockReturnValue(random);
    const startedAtMs = Date.now() - START;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(await ended).toMatchObject({ observation: { status: 'calling' } });
    lastPollsMs.push(api.polledAtMs.at(-1)! - startedAtMs);
    vi.mocked(Math.random).mockReturnValue(0.5);
  }
  // After the backoff of a second attempt.
  expect(lastPollsMs[0]).toBeLessThanOrEqual(2_000);
  expect(lastPollsMs[1]).toBeGreaterThan(10_000);
  expect(lastPollsMs[2]).toBeGreaterThan(25_000);
  expect(lastPollsMs[2]).toBeLessThan(32_000);
});

test('the time of earlier attempts counts towards the schedule-to-close timeout', async () => {
  const info = {
    attempt: 2,
    heartbeatDetails: undefined,
    scheduleToCloseTimeoutMs: 5 * MINUTE,
    scheduledTimestampMs: START - 4 * MINUTE,
    currentAttemptScheduledTimestampMs: START,
  };
  const { api, ended } = startLongPoll([new PolyAiError('no way', { kind: 'RateLimited' })], {
    info,
    input: { knownStatus: 'calling' },
  });
  await vi.advanceTimersByTimeAsync(MINUTE);
  await failureOf(ended);
  // 5 minutes less 4, less the 20 s that a last request may need.
  expect(Math.max(...api.polledAtMs)).toBeLessThanOrEqual(40_000);
});

test.each([-80_000, 80_000])('a worker whose clock is %d ms off polls as long as any other', async (offMs) => {
  const info = {
    scheduleToCloseTimeoutMs: 65_000,
    scheduledTimestampMs: START - offMs,
    currentAttemptScheduledTimestampMs: START - offMs,
  };
  vi.mocked(Math.random).mockReturnValueOnce(0);
  const { api, ended } = startLongPoll(['calling'], { info, input: { forMs: 45_000 } });
  await vi.advanceTimersByTimeAsync(45_000);
  await ended;
  expect(api.polledAtMs).toHaveLength(15);
});

test('sends no heartbeat and no request after the end', async () => {
  const { api, ended, heartbeats } = startLongPoll(['success']);
  await vi.advanceTimersByTimeAsync(0);
  await ended;
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(heartbeats).toHaveLength(0);
  expect(api.polledAtMs).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a worker shutdown ends the long poll at once, and it returns the last observation', async () => {
  const { environment, ended } = startLongPoll(['queued', 'calling']);
  await vi.advanceTimersByTimeAsync(4_000);
  environment.cancel('WORKER_SHUTDOWN');
  expect(await ended).toMatchObject({ observation: { status: 'calling' }, polls: 2, handedBack: true });
  expect(vi.getTimerCount()).toBe(0);
});

test('a worker shutdown before the first response ends the long poll without a failure', async () => {
  const { environment, ended } = startLongPoll([], { dependencies: { polyAi: silent } });
  environment.cancel('WORKER_SHUTDOWN');
  expect(await ended).toEqual({ polls: 0, changes: [], handedBack: true });
});

test('a worker shutdown in an outage returns the last error as well, for the page of a monitor without a worker', async () => {
  const { environment, ended } = startLongPoll(['calling', unavailable()]);
  await vi.advanceTimersByTimeAsync(3_500);
  environment.cancel('WORKER_SHUTDOWN');
  expect(await ended).toMatchObject({
    observation: { status: 'calling' },
    handedBack: true,
    lastError: { type: 'PolyAiUnavailable', message: 'PolyAI answered 503', at: iso(3_000) },
  });
});

test('an error whose wait exceeds the rest of the hold time fails the attempt, and Temporal waits before the next', async () => {
  const { ended } = startLongPoll(['calling', unavailable(5 * MINUTE)], { input: { forMs: 4 * MINUTE } });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await failureOf(ended)).toMatchObject({ type: 'PolyAiUnavailable', nextRetryDelay: 5 * MINUTE });
});

test('a request that never ends exceeds the hold time by less than the start-to-close timeout', async () => {
  const { ended } = startLongPoll([], {
    dependencies: { polyAi: silent },
    input: { forMs: MINUTE, knownStatus: 'calling' },
  });
  await vi.advanceTimersByTimeAsync(MINUTE + GET_STATUS_TIMEOUTS.startToCloseMs);
  expect(await failureOf(ended)).toMatchObject({ type: 'PolyAiUnavailable', nonRetryable: false });
  expect(vi.getTimerCount()).toBe(GAUGES_TIMER);
});

test('an interval of 0 is raised to the shortest interval', async () => {
  const { api } = startLongPoll(['calling'], { input: { intervalMs: 0 } });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(api.polledAtMs).toHaveLength(5);
});

test('a cancellation ends the long poll at once, and the activity rejects with it', async () => {
  const { environment, ended } = startLongPoll(['calling']);
  await vi.advanceTimersByTimeAsync(1_000);
  environment.cancel();
  await expect(ended).rejects.toBeInstanceOf(CancelledFailure);
  expect(vi.getTimerCount()).toBe(0);
});

const rejected = new PolyAiError('PolyAI answered 401', { kind: 'Unauthorized', httpStatus: 401 });
const notSent = new PolyAiError('not sent: the token has been rejected since …', {
  kind: 'Unauthorized',
  notSent: true,
});

async function rejectionAfter(error: PolyAiError): Promise<ApplicationFailure> {
  const { ended } = startLongPoll(['calling', 'calling', error], { input: { knownStatus: 'calling' } });
  await vi.advanceTimersByTimeAsync(10_000);
  const failure: unknown = await ended.catch((reason: unknown) => reason);
  if (failure instanceof ApplicationFailure) return failure;
  throw new Error(`expected an ApplicationFailure, got ${String(failure)}`);
}

test('a rejected token ends a long poll at once; the failure details hold what was observed and count the request', async () => {
  const failure = await rejectionAfter(rejected);
  expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
  expect(failure.details?.[0]).toMatchObject({ polls: 3, observation: { status: 'calling' } });
  expect(failure.category).not.toBe(ApplicationFailureCategory.BENIGN);
});

test('an open auth circuit breaker ends a long poll too, but its request counts as no poll and its failure is benign', async () => {
  const failure = await rejectionAfter(notSent);
  expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true, message: notSent.message });
  expect(failure.details?.[0]).toMatchObject({ polls: 2, observation: { status: 'calling' } });
  expect(failure.category).toBe(ApplicationFailureCategory.BENIGN);
});

const silent: ActivityDependencies['polyAi'] = {
  getCallStatus: (_, options) =>
    new Promise((__, reject) => {
      const signal = options?.signal;
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
};
