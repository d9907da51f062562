import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { StatusSource } from '../../../src/activities/accounts.js';
import { type LiveCallAttempt, LiveCalls } from '../../../src/activities/live-calls.js';
import { RecordingMeter } from '../../support/recording-meter.js';

const START = Date.UTC(2026, 0, 15, 12);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const polyAi: StatusSource = { getCallStatus: () => Promise.reject(new Error('not requested')) };

function minutesAgo(minutes: number): string {
  return new Date(START - minutes * MINUTE).toISOString();
}

/** A worker's live calls, the values that it publishes, and the warnings that it logs. */
function worker() {
  const recording = new RecordingMeter();
  const liveCalls = new LiveCalls(recording.meter, Date.now);
  const warnings: unknown[] = [];
  const log = { warn: (_: string, attributes: unknown) => warnings.push(attributes) } as unknown as Parameters<
    LiveCallAttempt['recordFailure']
  >[0];
  const begin = (callSid: string, options: Partial<Parameters<LiveCalls['begin']>[0]> = {}): LiveCallAttempt =>
    liveCalls.begin({
      ...{ callSid, account: undefined, polyAi, startedAt: minutesAgo(0), status: undefined, observedAt: undefined },
      ...options,
    });
  return { recording, begin, log, warnings };
}

/** Until the gauges have been set once more. */
async function published(): Promise<void> {
  await vi.advanceTimersByTimeAsync(5 * SECOND);
}

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

test('live calls are counted by account and last status, and a status without calls returns to 0', async () => {
  const { recording, begin } = worker();
  const first = begin('OUT-1');
  begin('OUT-2', { account: 'acme', status: 'calling', observedAt: minutesAgo(1) });
  await published();
  expect(recording.valuesOf('polyai_live_calls')).toEqual({
    '{account="default",status="none"}': 1,
    '{account="acme",status="calling"}': 1,
  });

  first.recordObservation('a status of tomorrow');
  await published();
  expect(recording.valuesOf('polyai_live_calls')).toEqual({
    '{account="default",status="none"}': 0,
    '{account="default",status="unknown"}': 1,
    '{account="acme",status="calling"}': 1,
  });
});

test('two attempts for one call are one live call', async () => {
  const { recording, begin } = worker();
  const abandoned = begin('OUT-1');
  begin('OUT-1');
  abandoned.end();
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  expect(recording.value('polyai_live_calls{account="default",status="none"}')).toBe(1);
});

test('the oldest call without an observation and the first outcome that may be lost, in seconds', async () => {
  const { recording, begin } = worker();
  begin('OUT-young');
  const old = begin('OUT-old', { startedAt: minutesAgo(3) });
  begin('OUT-observed', { startedAt: minutesAgo(90), status: 'calling', observedAt: minutesAgo(50) });
  await published();
  expect(recording.value('polyai_unobserved_call_age_seconds{account="default"}')).toBe(185);
  expect(recording.value('polyai_outcome_safe_seconds{account="default"}')).toBe(7_200 - 3_005);

  old.recordObservation('queued');
  await published();
  expect(recording.value('polyai_unobserved_call_age_seconds{account="default"}')).toBe(10);
});

test('what may be lost already has 0 seconds left, not less', async () => {
  const { recording, begin } = worker();
  begin('OUT-1', { startedAt: minutesAgo(300) });
  await published();
  expect(recording.value('polyai_outcome_safe_seconds{account="default"}')).toBe(0);
});

test('a call is at risk half an hour after its last observation, until the next', async () => {
  const { recording, begin } = worker();
  const call = begin('OUT-1', { startedAt: minutesAgo(90), status: 'calling', observedAt: minutesAgo(29) });
  await published();
  expect(recording.value('polyai_calls_at_risk{account="default"}')).toBe(0);
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(recording.value('polyai_calls_at_risk{account="default"}')).toBe(1);
  call.recordObservation('calling');
  await published();
  expect(recording.value('polyai_calls_at_risk{account="default"}')).toBe(0);
});

test('the log warns about calls at risk every five minutes, however many polls fail meanwhile', async () => {
  const { begin, log, warnings } = worker();
  const calls = ['a', 'b', 'c'].map((call) => begin(call, { startedAt: minutesAgo(60) }));
  begin('young').recordFailure(log);
  expect(warnings).toEqual([]);
  for (const call of calls) call.recordFailure(log);
  expect(warnings).toEqual([{ calls: 3 }]);
  await vi.advanceTimersByTimeAsync(4 * MINUTE);
  for (const call of calls) call.recordFailure(log);
  expect(warnings).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(MINUTE);
  calls[0]!.recordFailure(log);
  expect(warnings).toHaveLength(2);
});

test('a call whose request waits for a long time stays live, for its `getStatus` is running', async () => {
  const { recording, begin } = worker();
  begin('OUT-1');
  await vi.advanceTimersByTimeAsync(9 * MINUTE);
  expect(recording.value('polyai_live_calls{account="default",status="none"}')).toBe(1);
});

test('a call that moved to another worker is no longer live here, and leaves no stale value', async () => {
  const { recording, begin } = worker();
  const moved = begin('OUT-1', { startedAt: minutesAgo(60) });
  moved.end();
  // The longest interval, and a fifth of it.
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  expect(recording.value('polyai_live_calls{account="default",status="none"}')).toBe(1);

  await vi.advanceTimersByTimeAsync(2 * MINUTE);
  expect(recording.value('polyai_live_calls{account="default",status="none"}')).toBe(0);
  expect(recording.value('polyai_calls_at_risk{account="default"}')).toBe(0);
  expect(recording.value('polyai_unobserved_call_age_seconds{account="default"}')).toBe(0);
  expect(recording.value('polyai_outcome_safe_seconds{account="default"}')).toBe(7_200);
  expect(vi.getTimerCount()).toBe(0);
});

test('a call that has ended leaves the gauges with its last attempt', async () => {
  const { recording, begin } = worker();
  const [superseded, last] = [begin('OUT-1'), begin('OUT-1')];
  superseded.recordEnd();
  superseded.end();
  await published();
  expect(recording.value('polyai_live_calls{account="default",status="none"}')).toBe(1);
  last.end();
  expect(recording.value('polyai_live_calls{account="default",status="none"}')).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('throttling and a rejected token are shown while the account has live calls', async () => {
  const { recording, begin } = worker();
  const since = minutesAgo(1);
  const source: StatusSource = {
    ...polyAi,
    throttling: { requestsPerSecond: 0.5, cause: 'PolyAiUnavailable', message: 'away', since },
    tokenRejection: { since, message: '401' },
  };
  const call = begin('OUT-1', { polyAi: source });
  await published();
  const names = ['polyai_throttled', 'polyai_throttled_requests_per_second', 'polyai_token_rejected'];
  const values = (): unknown[] => names.map((name) => recording.value(`${name}{account="default"}`));
  expect(values()).toEqual([1, 0.5, 1]);
  call.recordEnd();
  call.end();
  expect(values()).toEqual([0, 0, 0]);
});

test('a meter that fails, because its runtime was shut down, ends the publication and nothing else', () => {
  const set = vi.fn(() => {
    throw new Error('the runtime was shut down');
  });
  const calls = new LiveCalls({ createGauge: () => ({ set }) } as never, Date.now);
  const unknown = { startedAt: undefined, status: undefined, observedAt: undefined };
  calls.begin({ callSid: 'OUT-1', account: undefined, polyAi, ...unknown });
  expect(set).toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
