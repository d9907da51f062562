import fc from 'fast-check';
import { expect, test } from 'vitest';

import { TokenBucket } from '../../../src/polyai/token-bucket.js';

/** Takes all tokens that are available at each of the moments. */
function takeAt(bucket: TokenBucket, moments: readonly number[]): number[] {
  const taken: number[] = [];
  for (const nowMs of moments) {
    while (bucket.waitMs(nowMs) === 0) {
      bucket.take();
      taken.push(nowMs);
    }
  }
  return taken;
}

const rates = fc.double({ min: 0.1, max: 2_000, noNaN: true });
const gaps = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 40 });

test('no span of time has more tokens than the rate and one burst', () => {
  fc.assert(
    fc.property(rates, gaps, (rate, steps) => {
      const moments = steps.reduce<number[]>((all, gap) => [...all, (all.at(-1) ?? 0) + gap], []);
      const taken = takeAt(new TokenBucket(rate, 0), moments);
      const burst = Math.max(1, rate / 10);
      for (const from of moments) {
        const inSpan = taken.filter((at) => at >= from);
        const spanSeconds = ((inSpan.at(-1) ?? from) - from) / 1_000;
        expect(inSpan.length).toBeLessThanOrEqual(rate * spanSeconds + burst + 1e-6);
      }
    }),
    { numRuns: 60 },
  );
});

test('the wait is long enough, and less than a millisecond too long', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 5_000 }), (rate, startMs) => {
      const bucket = new TokenBucket(rate, startMs);
      takeAt(bucket, [startMs]);
      const waitMs = bucket.waitMs(startMs);
      expect(waitMs).toBeGreaterThan(0);
      if (waitMs > 1) expect(bucket.waitMs(startMs + waitMs - 1)).toBeGreaterThan(0);
      expect(bucket.waitMs(startMs + waitMs)).toBe(0);
    }),
  );
});

test.each([
  [1, 1],
  [0.2, 1],
  [10, 1],
  [50, 5],
  [1_000, 100],
])('at %d requests per second, a pause allows a burst of %d', (rate, burst) => {
  const bucket = new TokenBucket(rate, 0);
  expect(takeAt(bucket, [0])).toHaveLength(burst);
  expect(takeAt(bucket, [60_000])).toHaveLength(burst);
});

test('without a limit there is always a token', () => {
  const bucket = new TokenBucket(Infinity, 0);
  const waits = Array.from({ length: 10_000 }, () => {
    bucket.take();
    return bucket.waitMs(0);
  });
  expect(new Set(waits)).toEqual(new Set([0]));
});

test('a new limit starts with no tokens, and a higher limit takes effect at once', () => {
  const bucket = new TokenBucket(Infinity, 0);
  bucket.setRate(0.5, 10_000);
  expect(bucket.waitMs(10_000)).toBe(2_000);
  bucket.setRate(10, 10_000);
  expect(bucket.waitMs(10_000)).toBe(100);
  bucket.setRate(Infinity, 10_000);
  expect(bucket.waitMs(10_000)).toBe(0);
});

test('a clock that goes back adds no tokens', () => {
  const bucket = new TokenBucket(1, 10_000);
  takeAt(bucket, [10_000]);
  expect(bucket.waitMs(5_000)).toBeGreaterThan(0);
});
