import { describe, expect, test, vi } from 'vitest';

import { Fleet, type Api } from './fleet.js';

const UP = { responseClass: 'ok', latencyMs: 50 } as const;
const OUTAGE_AT = 6;
const OVER_AT = 36;
/** Requests per second of 1,000 calls that poll every 3 s. */
const NORMAL = 333;

function outage(latencyMs: number, responseClass: 'error' | 'rate-limited' = 'error') {
  return (second: number) => (second >= OUTAGE_AT && second < OVER_AT ? { responseClass, latencyMs } : UP);
}

describe.each([
  ['refuses connections', outage(1)],
  ['answers 503', outage(50)],
  ['does not answer within 10 s', outage(10_000)],
  ['answers 429 to everything', outage(20, 'rate-limited')],
])('an API that %s under 1,000 calls', (_how, api) => {
  test('gets less than 1 % of the requests after 15 s, and all calls are served 15 s after the outage', async () => {
    const fleet = new Fleet({ calls: 1_000, api });
    await fleet.runTo(OUTAGE_AT + 15);
    expect(fleet.limiter.throttling).toMatchObject({ message: 'trouble' });
    await fleet.runTo(OVER_AT);
    const probes = fleet.sentBetween(OUTAGE_AT + 15, OVER_AT);
    expect(probes).toBeLessThan(15 * NORMAL * 0.01 * 1.2);
    expect(fleet.sentBetween(OVER_AT - 10, OVER_AT)).toBeGreaterThanOrEqual(4); // one in 2 s
    await fleet.runTo(OVER_AT + 15);
    expect(fleet.callsServedSince(OVER_AT)).toBe(1_000);
  });
});

test('the throttling is over half a minute after the outage', async () => {
  const fleet = new Fleet({ calls: 300, api: (second) => (second >= 3 && second < 13 ? outage(50)(7) : UP) });
  await fleet.runTo(12);
  expect(fleet.limiter.throttling).toMatchObject({ cause: 'PolyAiUnavailable' });
  await fleet.runTo(43);
  expect(fleet.limiter.throttling).toBeUndefined();
  expect(fleet.succeededBetween(38, 43)).toBeGreaterThan(480 * 0.9);
});

test.each([{ maxRequestsPerSecond: 30 }, { maxConcurrentRequests: 2 }])(
  'throttling also ends when requests wait because of the configured limit %j',
  async (limits) => {
    const api: Api = (second) => (second >= 3 && second < 13 ? outage(50)(7) : UP);
    const fleet = new Fleet({ calls: 300, api, ...limits });
    await fleet.runTo(12);
    expect(fleet.limiter.throttling).toMatchObject({ cause: 'PolyAiUnavailable' });
    await fleet.runTo(43);
    expect(fleet.limiter.throttling).toBeUndefined();
  },
);

test('with a demand of 100 and an account limit of 60 per second, requests use the limit and seldom exceed it', async () => {
  let tokens = 12;
  let at = 0;
  const api: Api = (second) => {
    tokens = Math.min(12, tokens + (second - at) * 60);
    at = second;
    if (tokens < 1) return { responseClass: 'rate-limited', latencyMs: 20 };
    tokens -= 1;
    return UP;
  };
  const fleet = new Fleet({ calls: 300, api });
  await fleet.runTo(90);
  const sent = fleet.sentBetween(30, 90);
  const succeeded = fleet.succeededBetween(30, 90);
  expect(succeeded).toBeGreaterThan(60 * 60 * 0.7);
  expect(sent - succeeded).toBeLessThan(sent * 0.02);
  expect(fleet.limiter.throttling).toMatchObject({ cause: 'RateLimited' });
});

test('a third of the requests failing throttles nothing', async () => {
  let count = 0;
  const api: Api = () => ((count += 1) % 3 === 0 ? { responseClass: 'error', latencyMs: 50 } : UP);
  const fleet = new Fleet({ calls: 300, api });
  await fleet.runTo(20);
  expect(fleet.limiter.throttling).toBeUndefined();
});

test('nine calls that all fail again and again throttle nothing', async () => {
  const fleet = new Fleet({ calls: 9, api: () => ({ responseClass: 'error', latencyMs: 50 }) });
  await fleet.runTo(60);
  expect(fleet.limiter.throttling).toBeUndefined();
});

test('an API that recovers for a moment is not flooded, and one that recovers for good is used', async () => {
  const isUp = (second: number): boolean => second < 5 || (second > 20 && second < 23) || second > 30;
  const fleet = new Fleet({ calls: 300, api: (second) => (isUp(second) ? UP : outage(50)(7)) });
  await fleet.runTo(30);
  expect(fleet.sentBetween(24, 30)).toBeLessThan(40);
  await fleet.runTo(80); // the longest backoff, 36 s, is over
  expect(fleet.succeededBetween(70, 80)).toBeGreaterThan(1_000 * 0.9);
});

test('a worker that starts during an outage sends probes, and serves all calls soon after it', async () => {
  const fleet = new Fleet({ calls: 1_000, api: (second) => (second < 20 ? outage(50)(7) : UP) });
  await fleet.runTo(20);
  expect(fleet.sentBetween(10, 20)).toBeLessThan(20);
  await fleet.runTo(36);
  expect(fleet.callsServedSince(20)).toBe(1_000);
});

test('the limit is removed after a minute without requests', async () => {
  const fleet = new Fleet({ calls: 40, api: () => ({ responseClass: 'error', latencyMs: 10 }) });
  await fleet.runTo(10);
  expect(fleet.limiter.throttling).toMatchObject({ cause: 'PolyAiUnavailable' });
  fleet.isPaused = true;
  await fleet.runTo(150);
  void fleet.limiter.acquire({ subject: 'OUT-none', maxWaitMs: 0 });
  expect(fleet.limiter.throttling).toBeUndefined();
});

test('throttling has rate, cause, message and start, and a request that cannot wait fails with the same kind', async () => {
  for (const [responseClass, kind] of [
    ['error', 'PolyAiUnavailable'],
    ['rate-limited', 'RateLimited'],
  ] as const) {
    const fleet = new Fleet({ calls: 300, api: (second) => (second < 3 ? UP : { responseClass, latencyMs: 20 }) });
    await fleet.runTo(15);
    const { throttling } = fleet.limiter;
    expect(throttling).toEqual({
      requestsPerSecond: 0.5,
      cause: kind,
      message: 'trouble',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    });
    expect(Date.now() - Date.parse(throttling!.since)).toBeGreaterThan(9_000);
    expect(Date.now() - Date.parse(throttling!.since)).toBeLessThan(12_000);
    await expect(fleet.limiter.acquire({ subject: 'OUT-none', maxWaitMs: 0 })).rejects.toMatchObject({
      kind,
      notSent: true,
      message: 'not sent within 0 ms: requests are throttled (trouble)',
    });
  }
});

test('the start of the throttling does not change when the clocks drift', async () => {
  const fleet = new Fleet({ calls: 300, api: (second) => (second < 3 ? UP : outage(20)(7)) });
  await fleet.runTo(12);
  const { since } = fleet.limiter.throttling!;
  vi.setSystemTime(Date.now() + 7);
  expect(fleet.limiter.throttling!.since).toBe(since);
});
