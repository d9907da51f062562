import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Fleet, type Api } from './fleet.js';

const UP = { verdict: 'up', latencyMs: 50 } as const;
const OUTAGE_AT = 6;
const OVER_AT = 36;
/** Requests per second of 1,000 calls that poll each 3 s. */
const NORMAL = 333;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function outage(latencyMs: number, verdict: 'failed' | 'limited' = 'failed'): Api {
  return (second) => (second >= OUTAGE_AT && second < OVER_AT ? { verdict, latencyMs } : UP);
}

describe.each([
  ['refuses connections', outage(1)],
  ['answers 503', outage(50)],
  ['does not answer within 10 s', outage(10_000)],
  ['answers 429 to everything', outage(20, 'limited')],
])('an API that %s under 1,000 calls', (_how, api) => {
  test('is probed by less than 1 % of the requests after 15 s, and all calls are served 15 s after it is back', async () => {
    const fleet = new Fleet({ calls: 1_000, api });
    await fleet.runTo(OUTAGE_AT + 15);
    expect(fleet.gate.slowdown).toMatchObject({ message: 'trouble' });
    await fleet.runTo(OVER_AT);
    const probes = fleet.sentBetween(OUTAGE_AT + 15, OVER_AT);
    expect(probes).toBeLessThan(15 * NORMAL * 0.01 * 1.2);
    expect(fleet.sentBetween(OVER_AT - 10, OVER_AT)).toBeGreaterThanOrEqual(4); // one in 2 s
    await fleet.runTo(OVER_AT + 15);
    expect(fleet.servedSince(OVER_AT)).toBe(1_000);
  });
});

test('the slow-down is over, and nothing of it is left, half a minute after the outage', async () => {
  const fleet = new Fleet({ calls: 300, api: (second) => (second >= 3 && second < 13 ? outage(50)(7) : UP) });
  await fleet.runTo(12);
  expect(fleet.gate.slowdown).toMatchObject({ cause: 'PolyAiUnavailable' });
  await fleet.runTo(43);
  expect(fleet.gate.slowdown).toBeUndefined();
  expect(fleet.goodBetween(38, 43)).toBeGreaterThan(480 * 0.9);
});

test.each([{ maxRequestsPerSecond: 30 }, { maxConcurrentRequests: 2 }])(
  'a slow-down ends also when it is the own limit %j that keeps requests waiting',
  async (limits) => {
    const api: Api = (second) => (second >= 3 && second < 13 ? outage(50)(7) : UP);
    const fleet = new Fleet({ calls: 300, api, ...limits });
    await fleet.runTo(12);
    expect(fleet.gate.slowdown).toMatchObject({ cause: 'PolyAiUnavailable' });
    await fleet.runTo(43);
    expect(fleet.gate.slowdown).toBeUndefined();
  },
);

test('an account limit of 60 requests per second is found, used well and seldom overrun by a demand of 100', async () => {
  let tokens = 12;
  let at = 0;
  const api: Api = (second) => {
    tokens = Math.min(12, tokens + (second - at) * 60);
    at = second;
    if (tokens < 1) return { verdict: 'limited', latencyMs: 20 };
    tokens -= 1;
    return UP;
  };
  const fleet = new Fleet({ calls: 300, api });
  await fleet.runTo(90);
  const sent = fleet.sentBetween(30, 90);
  const good = fleet.goodBetween(30, 90);
  expect(good).toBeGreaterThan(60 * 60 * 0.7);
  expect(sent - good).toBeLessThan(sent * 0.02);
  expect(fleet.gate.slowdown).toMatchObject({ cause: 'RateLimited' });
});

test('calls that fail each for itself, a third of them, slow down nobody', async () => {
  let count = 0;
  const api: Api = () => ((count += 1) % 3 === 0 ? { verdict: 'failed', latencyMs: 50 } : UP);
  const fleet = new Fleet({ calls: 300, api });
  await fleet.runTo(20);
  expect(fleet.gate.slowdown).toBeUndefined();
});

test('nine live calls never close the gate, though all of them fail, again and again', async () => {
  const fleet = new Fleet({ calls: 9, api: () => ({ verdict: 'failed', latencyMs: 50 }) });
  await fleet.runTo(60);
  expect(fleet.gate.slowdown).toBeUndefined();
});

test('an API that comes and goes is not stormed when it comes, and is used when it stays', async () => {
  const isUp = (second: number): boolean => second < 5 || (second > 20 && second < 23) || second > 30;
  const fleet = new Fleet({ calls: 300, api: (second) => (isUp(second) ? UP : outage(50)(7)) });
  await fleet.runTo(30);
  expect(fleet.sentBetween(24, 30)).toBeLessThan(40);
  await fleet.runTo(60);
  expect(fleet.goodBetween(50, 60)).toBeGreaterThan(1_000 * 0.9);
});

test('a worker that starts in the middle of an outage probes too, and is soon of use', async () => {
  const fleet = new Fleet({ calls: 1_000, api: (second) => (second < 20 ? outage(50)(7) : UP) });
  await fleet.runTo(20);
  expect(fleet.sentBetween(10, 20)).toBeLessThan(20);
  await fleet.runTo(36);
  expect(fleet.servedSince(20)).toBe(1_000);
});

test('what was learned is forgotten when nothing was asked for a minute', async () => {
  const fleet = new Fleet({ calls: 40, api: () => ({ verdict: 'failed', latencyMs: 10 }) });
  await fleet.runTo(10);
  expect(fleet.gate.slowdown).toMatchObject({ cause: 'PolyAiUnavailable' });
  fleet.isPaused = true;
  await fleet.runTo(150);
  void fleet.gate.enter({ maxWaitMs: 0 });
  expect(fleet.gate.slowdown).toBeUndefined();
});

test('the view tells what a log line needs, and whoever cannot wait learns the kind of the trouble', async () => {
  for (const [verdict, kind] of [
    ['failed', 'PolyAiUnavailable'],
    ['limited', 'RateLimited'],
  ] as const) {
    const fleet = new Fleet({ calls: 300, api: (second) => (second < 3 ? UP : { verdict, latencyMs: 20 }) });
    await fleet.runTo(15);
    const { slowdown } = fleet.gate;
    expect(slowdown).toEqual({
      requestsPerSecond: 0.5,
      cause: kind,
      message: 'trouble',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    });
    expect(Date.now() - Date.parse(slowdown!.since)).toBeGreaterThan(9_000);
    expect(Date.now() - Date.parse(slowdown!.since)).toBeLessThan(12_000);
    await expect(fleet.gate.enter({ maxWaitMs: 0 })).rejects.toMatchObject({
      kind,
      notSent: true,
      message: 'not sent within 0 ms: requests are slowed down (trouble)',
    });
  }
});

test('since when it lasts is told alike each time, though the two clocks drift', async () => {
  const fleet = new Fleet({ calls: 300, api: (second) => (second < 3 ? UP : outage(20)(7)) });
  await fleet.runTo(12);
  const { since } = fleet.gate.slowdown!;
  vi.setSystemTime(Date.now() + 7);
  expect(fleet.gate.slowdown!.since).toBe(since);
});
