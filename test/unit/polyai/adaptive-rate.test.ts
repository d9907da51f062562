import { expect, test } from 'vitest';

import { AdaptiveRate, type Verdict } from '../../../src/polyai/aimd.js';

/** A rate that has seen some traffic, and what to tell it. */
function rateUnderTest() {
  const rate = new AdaptiveRate(0);
  let caller = 0;
  const answer = (verdict: Verdict, sentAtMs: number, nowMs: number): void => {
    const trouble = { kind: verdict === 'limited' ? 'RateLimited' : 'PolyAiUnavailable', message: 'trouble' } as const;
    rate.answered({ verdict, caller: `OUT-${(caller += 1)}`, sentAtMs, nowMs, isBacklogged: true, trouble });
  };
  const answers = (count: number, verdict: Verdict, sentAtMs: number, nowMs: number): void => {
    for (let i = 0; i < count; i += 1) answer(verdict, sentAtMs, nowMs);
  };
  for (let ms = 0; ms < 2_000; ms += 10) rate.sent(ms);
  return { rate, answers };
}

test('100 requests per second are halved on 429, and again only a second later and for requests sent since', () => {
  const { rate, answers } = rateUnderTest();
  answers(2, 'limited', 1_990, 2_000);
  expect(rate.limit).toBe(Infinity);
  answers(1, 'limited', 1_990, 2_000);
  expect(rate.limit).toBeCloseTo(50, 0);
  answers(50, 'limited', 1_995, 3_100); // sent before the decrease: old news
  expect(rate.limit).toBeCloseTo(50, 0);
  answers(50, 'limited', 2_100, 2_500);
  expect(rate.limit).toBeCloseTo(50, 0);
  answers(3, 'limited', 3_000, 3_100);
  expect(rate.limit).toBeLessThanOrEqual(25);
});

test('failures slow down when they are half of the answers, of ten calls at least', () => {
  const { rate, answers } = rateUnderTest();
  answers(9, 'failed', 1_990, 2_000);
  answers(11, 'up', 1_990, 2_000);
  answers(1, 'failed', 1_990, 2_000);
  expect(rate.limit).toBe(Infinity);
  answers(1, 'failed', 1_990, 2_000);
  expect(rate.limit).toBeCloseTo(50, 0);
  expect(rate.closed).toEqual({ trouble: { kind: 'PolyAiUnavailable', message: 'trouble' }, sinceMs: 2_000 });
});

test('a time-out that arrives after a later request went well is no reason to slow down again', () => {
  const { rate, answers } = rateUnderTest();
  answers(12, 'failed', 1_990, 2_000);
  answers(1, 'up', 2_500, 2_600);
  const { limit } = rate;
  answers(60, 'failed', 2_400, 3_500);
  expect(rate.limit).toBe(limit);
  answers(60, 'failed', 2_700, 3_600);
  expect(rate.limit).toBeLessThan(limit / 2 + 1);
});

test('good answers to requests of before the decrease do not count as recovery', () => {
  const { rate, answers } = rateUnderTest();
  answers(12, 'failed', 1_990, 2_000);
  const { limit } = rate;
  answers(10, 'up', 1_995, 2_050);
  expect(rate.limit).toBe(limit);
  answers(10, 'up', 2_010, 2_060);
  expect(rate.limit).toBe(limit + 10);
});

test('it never falls below one request in 2 s', () => {
  const { rate, answers } = rateUnderTest();
  for (let nowMs = 2_000; nowMs < 60_000; nowMs += 1_000) answers(60, 'failed', nowMs - 1, nowMs);
  expect(rate.limit).toBe(0.5);
});

test('past the threshold it grows by a fixed amount each second, however high it is', () => {
  const { rate, answers } = rateUnderTest();
  answers(3, 'limited', 1_990, 2_000); // threshold 50, usual demand 100
  const grownIn = (second: number): number => {
    const before = rate.limit;
    answers(Math.round(rate.limit), 'up', second * 1_000, second * 1_000 + 50);
    return rate.limit - before;
  };
  for (let second = 3; second < 20; second += 1) {
    const grown = grownIn(second);
    expect(grown).toBeGreaterThan(3);
    expect(grown).toBeLessThan(3.7);
  }
});
