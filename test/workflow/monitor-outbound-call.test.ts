import { expect, test } from 'vitest';

import { useTimeSkippingRig } from '../support/time-skipping-rig.js';
import { failureOf } from '../support/failure-of.js';

const rig = useTimeSkippingRig();

const HOUR_MS = 3_600_000;

test('returns the final status, its reason, the polls and the timeline of the call', async () => {
  const callSid = 'OUT-happy';
  rig().addCall(callSid, { queuedMs: 20_000, callingMs: 60_000, outcome: 'failure', reason: 'no answer' });

  const result = await rig().monitor({ callSid });

  expect(result).toMatchObject({ callSid, status: 'failure', reason: 'no answer' });
  expect(result.timeline.map(({ status }) => status)).toEqual(['queued', 'calling', 'failure']);
  expect(result.finishedAt).toBe(result.timeline.at(-1)?.at);
  expect(result.polls).toBe(rig().simulator.requestsFor(callSid).length);
});

test('polls every 3 s with jitter and stops at once at the final status', async () => {
  const callSid = 'OUT-jitter';
  rig().addCall(callSid, { queuedMs: 0, callingMs: 120_000 });

  await rig().monitor({ callSid });

  const waits = await rig().timersMs(`outbound-call-${callSid}`);
  expect(waits.length).toBeGreaterThan(20);
  expect(rig().gapsMs(callSid)).toHaveLength(waits.length);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(2_400);
  expect(Math.max(...waits)).toBeLessThanOrEqual(3_600);
  expect(new Set(waits.map((wait) => Math.round(wait / 100))).size).toBeGreaterThan(5);
});

test('retries two hours of 500s with exponential backoff and then returns the outcome', async () => {
  const callSid = 'OUT-outage';
  rig().addCall(callSid, { queuedMs: 0, callingMs: HOUR_MS });
  rig().simulator.setFault({ kind: 'status', status: 500, times: 240 });

  const result = await rig().monitor({ callSid });

  expect(result.status).toBe('success');
  const backOff = rig().gapsMs(callSid).slice(0, 240);
  expect(backOff.reduce((sum, gap) => sum + gap, 0)).toBeGreaterThan(1.8 * HOUR_MS);
  expect(backOff.slice(0, 5).map((gap) => Math.floor(Math.log2(gap / 1_000)))).toEqual([0, 1, 2, 3, 4]);
});

test('fails with CallNotFound after one request for an unknown SID', async () => {
  const failure = await failureOf(rig().monitor({ callSid: 'OUT-nobody' }));

  expect(failure).toMatchObject({ type: 'CallNotFound', nonRetryable: true });
  expect(rig().simulator.requestsFor('OUT-nobody')).toHaveLength(1);
});

test('fails with CallStatusExpired and the last observation on a 404 after an observation', async () => {
  const callSid = 'OUT-expired';
  const forgotten = { kind: 'status', status: 404 } as const;
  rig().addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }] });
  const failing = failureOf(
    rig().whileWorking(async () => {
      const monitor = await rig().start({ callSid });
      await rig().waitForRequests(callSid, 2);
      rig().simulator.setFault(forgotten);
      return await monitor.result();
    }),
  );

  const failure = await failing;

  expect(failure.type).toBe('CallStatusExpired');
  expect(failure.details?.[0]).toMatchObject({ callSid, lastObservation: { status: 'calling' } });
});

test('retries a 404 within the grace period', async () => {
  const callSid = 'OUT-grace';
  rig().addCall(callSid, { notFoundForMs: 10_000, queuedMs: 10_000, callingMs: 5_000 });

  const result = await rig().monitor({ callSid, notFoundGrace: '30s' });

  expect(result.status).toBe('success');
});

test('fails with CallNotFound after the grace period', async () => {
  const callSid = 'OUT-grace-over';

  const failure = await failureOf(rig().monitor({ callSid, notFoundGrace: '30s' }));

  expect(failure.type).toBe('CallNotFound');
  expect(rig().simulator.requestsFor(callSid).length).toBeGreaterThan(7);
});

test('fails with Unauthorized at once when the first answer rejects the token', async () => {
  const callSid = 'OUT-refused';
  rig().addCall(callSid, { faults: [{ kind: 'status', status: 401 }] });

  const failure = await failureOf(rig().monitor({ callSid }));

  expect(failure.type).toBe('Unauthorized');
  expect(rig().simulator.requestsFor(callSid)).toHaveLength(1);
});

test('polls slowly while the token is rejected during a live call, and continues when it is accepted again', async () => {
  const callSid = 'OUT-hold';
  const refusals = { kind: 'status', status: 403, times: 20 } as const;
  rig().addCall(callSid, { callingMs: 10 * 60_000, faults: [{ kind: 'delay', ms: 0 }, refusals] });

  const result = await rig().monitor({ callSid });

  expect(result.status).toBe('success');
  const held = rig().gapsMs(callSid).slice(1, 20);
  expect(Math.min(...held)).toBeGreaterThanOrEqual(24_000);
});

test('fails with Unauthorized when the token is rejected for two hours during a live call', async () => {
  const callSid = 'OUT-hold-over';
  const refusals = { kind: 'status', status: 401, times: Infinity } as const;
  rig().addCall(callSid, { callingMs: Infinity, faults: [{ kind: 'delay', ms: 0 }, refusals] });

  const failure = await failureOf(rig().monitor({ callSid, polling: { interval: '5m' } }));

  expect(failure.type).toBe('Unauthorized');
  expect(failure.details?.[0]).toMatchObject({ lastObservation: { status: 'queued' } });
});

test('fails with MonitorDeadlineExceeded and the last observation, after a last poll at the deadline', async () => {
  const callSid = 'OUT-deadline';
  rig().addCall(callSid, { queuedMs: 0, callingMs: Infinity });

  const failure = await failureOf(rig().monitor({ callSid, deadline: '10 minutes', polling: { interval: '30s' } }));

  expect(failure.type).toBe('MonitorDeadlineExceeded');
  expect(failure.details?.[0]).toMatchObject({ lastObservation: { status: 'calling' } });
  const monitoredMs = rig()
    .gapsMs(callSid)
    .reduce((sum, gap) => sum + gap, 0);
  expect(monitoredMs).toBeGreaterThan(599_000);
});

test('fails with MonitorDeadlineExceeded and the last error when the API never answers', async () => {
  const callSid = 'OUT-never';
  rig().addCall(callSid, { faults: [{ kind: 'status', status: 503, times: Infinity }] });

  const failure = await failureOf(rig().monitor({ callSid, deadline: '5m' }));

  expect(failure.type).toBe('MonitorDeadlineExceeded');
  expect(failure.details?.[0]).toMatchObject({ lastError: { type: 'PolyAiUnavailable' } });
});

test('treats an unknown status as in progress, in any letter case, and polls at the interval', async () => {
  const callSid = 'OUT-unknown';
  const statuses = [
    { status: 'QUEUED', forMs: 9_000 },
    { status: 'Ringing', forMs: 30_000 },
    { status: 'CALLING', forMs: 9_000 },
    { status: 'SUCCESS' },
  ];
  rig().addCall(callSid, { statuses });

  const result = await rig().monitor({ callSid });

  expect(result.timeline.map(({ status }) => status)).toEqual(['queued', 'ringing', 'calling', 'success']);
  expect(Math.min(...rig().gapsMs(callSid))).toBeGreaterThanOrEqual(2_400);
});

test('honours Retry-After up to five minutes', async () => {
  const callSid = 'OUT-retry-after';
  const faults = [
    { kind: 'status', status: 429, retryAfter: 45 },
    { kind: 'status', status: 503, retryAfter: { httpDateInMs: 90_000 } },
    { kind: 'status', status: 429, retryAfter: 86_400 },
  ] as const;
  rig().addCall(callSid, { queuedMs: 0, callingMs: 1_000, faults });

  const result = await rig().monitor({ callSid });

  expect(result.polls).toBe(4);
  const [seconds, date, bounded] = rig().gapsMs(callSid);
  expect(seconds).toBeGreaterThanOrEqual(45_000);
  expect(seconds).toBeLessThan(50_000);
  expect(date).toBeGreaterThanOrEqual(88_000);
  expect(date).toBeLessThan(95_000);
  expect(bounded).toBeGreaterThanOrEqual(300_000);
  expect(bounded).toBeLessThan(310_000);
});

test.each([
  [{ callSid: '' }, 'InvalidCallSid', /starts with "OUT-"/],
  [{ callSid: 'OUT-a b' }, 'InvalidCallSid', /only letters, digits/],
  [{}, 'InvalidInput', /callSid must be a string/],
  [{ callSid: 'OUT-a', polling: { interval: 'soon' } }, 'InvalidInput', /polling\.interval must be a number of milli/],
  [{ callSid: 'OUT-a', polling: { interval: '1ms' } }, 'InvalidInput', /from 250 ms to 5 min, not 1 ms/],
  [{ callSid: 'OUT-a', deadline: -1 }, 'InvalidInput', /deadline must be/],
])('rejects the input %j before any request', async (input, type, message) => {
  const before = rig().simulator.requests.length;

  const failure = await failureOf(rig().execute(input));

  expect(failure).toMatchObject({ type, message: expect.stringMatching(message) as string, nonRetryable: true });
  expect(rig().simulator.requests.length).toBe(before);
});
