import { expect, test } from 'vitest';

import { AimdRate } from '../../../src/polyai/aimd.js';
import type { ResponseClass } from '../../../src/polyai/error-window.js';

/** A rate after two seconds of 100 requests per second, and a function that records results. */
function rateUnderTest() {
  const rate = new AimdRate(0);
  let subject = 0;
  /** @returns whether the last of them decreased the limit */
  const record = (
    count: number,
    responseClass: ResponseClass,
    sentAtMs: number,
    nowMs: number,
    { isProven = true } = {},
  ): boolean => {
    let isDecreased = false;
    for (let i = 0; i < count; i += 1) {
      subject += 1;
      const request = { responseClass, subject: `OUT-${subject}`, isProven, sentAtMs, nowMs, isBacklogged: true };
      isDecreased = rate.recordCompleted(request);
    }
    return isDecreased;
  };
  for (let ms = 0; ms < 2_000; ms += 10) rate.recordSent(ms);
  return { rate, record };
}

test('a 429 halves 100 requests per second, and halves them again only a second later and for requests sent since', () => {
  const { rate, record } = rateUnderTest();
  record(2, 'rate-limited', 1_990, 2_000);
  expect(rate.limit).toBe(Infinity);
  record(1, 'rate-limited', 1_990, 2_000);
  expect(rate.limit).toBeCloseTo(50, 0);
  record(50, 'rate-limited', 1_995, 3_100); // sent before the decrease
  expect(rate.limit).toBeCloseTo(50, 0);
  record(50, 'rate-limited', 2_100, 2_500);
  expect(rate.limit).toBeCloseTo(50, 0);
  record(3, 'rate-limited', 3_000, 3_100);
  expect(rate.limit).toBeLessThanOrEqual(25);
});

test('errors throttle when nearly all requests fail, for at least ten calls', () => {
  const { rate, record } = rateUnderTest();
  record(1, 'ok', 1_990, 2_000);
  record(18, 'error', 1_990, 2_000);
  expect(rate.limit).toBe(Infinity);
  expect(record(1, 'error', 1_990, 2_000)).toBe(true);
  expect(rate.limit).toBeCloseTo(50, 0);

  const few = rateUnderTest();
  few.record(9, 'error', 1_990, 2_000);
  expect(few.rate.limit).toBe(Infinity);
  expect(few.record(1, 'error', 1_990, 2_000)).toBe(true);
});

test('calls that the API did not answer before count only when there are no others', () => {
  const { rate, record } = rateUnderTest();
  record(1, 'ok', 1_990, 2_000);
  record(500, 'error', 1_990, 2_000, { isProven: false });
  expect(rate.limit).toBe(Infinity);
  expect(record(10, 'error', 5_990, 6_000, { isProven: false })).toBe(true);
});

test('a timeout does not throttle again when a later request has succeeded already', () => {
  const { rate, record } = rateUnderTest();
  record(12, 'error', 1_990, 2_000);
  record(1, 'ok', 2_500, 2_600);
  const { limit } = rate;
  record(60, 'error', 2_400, 3_500);
  expect(rate.limit).toBe(limit);
  record(60, 'error', 2_700, 3_600);
  expect(rate.limit).toBeLessThan(limit / 2 + 1);
});

test('successes of requests sent before the decrease do not count as recovery', () => {
  const { rate, record } = rateUnderTest();
  record(12, 'error', 1_990, 2_000);
  const { limit } = rate;
  record(10, 'ok', 1_995, 2_050);
  expect(rate.limit).toBe(limit);
  record(10, 'ok', 2_010, 2_060);
  expect(rate.limit).toBe(limit + 10);
});

test('the limit never falls below one request every 2 s', () => {
  const { rate, record } = rateUnderTest();
  for (let nowMs = 2_000; nowMs < 60_000; nowMs += 1_000) record(60, 'error', nowMs - 1, nowMs);
  expect(rate.limit).toBe(0.5);
});

test('above the threshold the limit grows by a constant amount each second', () => {
  const { rate, record } = rateUnderTest();
  record(3, 'rate-limited', 1_990, 2_000); // threshold 50, usual demand 100
  const growthIn = (second: number): number => {
    const before = rate.limit;
    record(Math.round(rate.limit), 'ok', second * 1_000, second * 1_000 + 50);
    return rate.limit - before;
  };
  for (let second = 3; second < 20; second += 1) {
    const growth = growthIn(second);
    expect(growth).toBeGreaterThan(3);
    expect(growth).toBeLessThan(3.7);
  }
});
