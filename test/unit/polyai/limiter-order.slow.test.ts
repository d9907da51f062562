import { describe, expect, test } from 'vitest';

import { type Api, Fleet, type FleetOptions } from './fleet.js';
import { seededRandom, sleep } from './virtual-time.js';

const UP = { responseClass: 'ok', latencyMs: 50 } as const;

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** An API that answers so many requests a second, and others with 429. */
function rateLimitedApi(perSecond: number): Api {
  let tokens = perSecond / 5;
  let at = 0;
  return (second) => {
    tokens = Math.min(perSecond / 5, tokens + (second - at) * perSecond);
    at = second;
    if (tokens < 1) return { responseClass: 'rate-limited', latencyMs: 20 };
    tokens -= 1;
    return UP;
  };
}

describe.each<[string, FleetOptions]>([
  ['an API that takes 1.3 s', { calls: 1_000, api: () => ({ responseClass: 'ok', latencyMs: 1_300 }) }],
  ['a rate limit of 50 per second', { calls: 1_000, api: () => UP, maxRequestsPerSecond: 50 }],
  ['an account limit of 50 per second', { calls: 1_000, api: rateLimitedApi(50) }],
])('under 1,000 calls and %s', (_what, options) => {
  test('a single poll is answered within seconds, although the queue is longer', async () => {
    const fleet = new Fleet(options);
    await fleet.runTo(60);
    const took: number[] = [];
    for (const call of range(0, 20)) void fleet.pollUrgently(5_000 + call).then((seconds) => took.push(seconds));
    await fleet.runTo(66);
    expect(took).toHaveLength(20);
    expect(Math.max(...took)).toBeLessThan(4);
  });

  test('a new call gets its first response before those that had one', async () => {
    const fleet = new Fleet(options);
    await fleet.runTo(90);
    fleet.add(1_000);
    await fleet.runTo(96); // it starts within 3 s
    expect(fleet.responsesFor(1_000)).toBeGreaterThan(0);
  });

  test('no call is left out', async () => {
    const fleet = new Fleet(options);
    await fleet.runTo(150);
    // A round takes 20 to 30 s, and the backoff after each 429 up to 36 s.
    expect(fleet.longestGap(range(0, 1_000), 40, 150)).toBeLessThan(100);
  });
});

test('single polls that give up after 4 s keep their places: of 200 at 10 per second none is left out', async () => {
  const fleet = new Fleet({ calls: 0, api: () => UP, maxRequestsPerSecond: 10 });
  const pollForever = async (call: number): Promise<never> => {
    for (;;) {
      await fleet.pollUrgently(call);
      await sleep(3_000);
    }
  };
  for (const call of range(0, 200)) void pollForever(call);
  await fleet.runTo(300);
  // A round takes 20 s, and a backoff up to 30 s.
  expect(fleet.longestGap(range(0, 200), 60, 300)).toBeLessThan(60);
  expect(fleet.succeededBetween(60, 300)).toBeGreaterThan(240 * 10 * 0.95);
});

test('24 calls that polled slowly while the token was rejected are all polled again, at a limit of 2 per second', async () => {
  const fleet = new Fleet({ calls: 0, api: () => UP, maxRequestsPerSecond: 2 });
  const answered: number[] = [];
  const draw = seededRandom();
  const leaveCredentialHold = async (call: number): Promise<void> => {
    await sleep(draw() * 12_000);
    await fleet.pollUrgently(call);
    answered.push(call);
    fleet.add(call); // a long poll from now on
  };
  for (const call of range(0, 24)) void leaveCredentialHold(call);
  await fleet.runTo(60);
  expect(answered).toHaveLength(24);
});

test('many single polls leave a share to long polls', async () => {
  const fleet = new Fleet({ calls: 100, api: () => UP, maxRequestsPerSecond: 40 });
  const pollForever = async (call: number): Promise<never> => {
    for (;;) await fleet.pollUrgently(call);
  };
  for (const call of range(1_000, 1_200)) void pollForever(call);
  await fleet.runTo(120);
  expect(fleet.longestGap(range(0, 100), 30, 120)).toBeLessThan(30);
});

describe.each([0.5, 0.7, 0.9])('when the API fails for %d of 1,000 calls', (share) => {
  const failing = range(0, 1_000 * share);
  const healthy = range(1_000 * share, 1_000);

  test('the other calls are polled at their interval of 3 s', async () => {
    const api: Api = (_second, call) => (call < failing.length ? { ...UP, responseClass: 'error' } : UP);
    const fleet = new Fleet({ calls: 1_000, api });
    await fleet.runTo(90);
    expect(fleet.longestGap(healthy, 10, 90)).toBeLessThan(4.5);
    // At the backoff: at most one request in 24 s for each.
    const failed = failing.map((call) => fleet.failuresBetween(call, 30, 90));
    expect(Math.max(...failed)).toBeLessThanOrEqual(3);
  });

  test('from now on, the other calls are polled at their interval of 3 s', async () => {
    const api: Api = (second, call) => (second > 20 && call < failing.length ? { ...UP, responseClass: 'error' } : UP);
    const fleet = new Fleet({ calls: 1_000, api });
    await fleet.runTo(90);
    expect(fleet.longestGap(healthy, 10, 90)).toBeLessThan(4.5);
  });
});

test('when 700 of 1,000 calls time out after 10 s, the others are polled every 3 s once each of the 700 has', async () => {
  const api: Api = (second, call) => (second > 20 && call < 700 ? { responseClass: 'error', latencyMs: 10_000 } : UP);
  const fleet = new Fleet({ calls: 1_000, api });
  await fleet.runTo(140);
  expect(fleet.longestGap(range(700, 1_000), 100, 140)).toBeLessThan(4.5);
});

test('calls for which the API works again are all served soon', async () => {
  const api: Api = (second, call) => (second < 40 && call < 700 ? { ...UP, responseClass: 'error' } : UP);
  const fleet = new Fleet({ calls: 1_000, api });
  await fleet.runTo(77); // the longest backoff is 36 s
  expect(fleet.callsServedSince(40)).toBe(1_000);
});

test('calls that fail keep a share of a rate limit below the demand', async () => {
  const api: Api = (second, call) =>
    second > 10 && second < 20 && call < 300 ? { ...UP, responseClass: 'error' } : UP;
  const fleet = new Fleet({ calls: 1_000, api, maxRequestsPerSecond: 50 });
  await fleet.runTo(140);
  expect(fleet.callsServedSince(20)).toBe(1_000);
});
