import fc from 'fast-check';
import { expect, test } from 'vitest';

import { freeAgainAt } from '../../../src/campaigns/eligibility.js';

test('calls that wait until the cap allows them never exceed it in any span', () => {
  const gaps = fc.array(fc.nat(500), { maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 2_000 }), (pauses, max, spanMs) => {
      const calls: number[] = [];
      let nowMs = 0;
      for (const pause of pauses) {
        nowMs += pause;
        nowMs = Math.max(nowMs, freeAgainAt(calls, { max, spanMs, nowMs }));
        calls.push(nowMs);
      }
      for (const at of calls) {
        expect(calls.filter((other) => other > at - spanMs && other <= at).length).toBeLessThanOrEqual(max);
      }
    }),
  );
});

test('a number below its cap is free now', () => {
  expect(freeAgainAt([10, 20], { max: 3, spanMs: 100, nowMs: 50 })).toBe(50);
  expect(freeAgainAt([10, 20], { max: 2, spanMs: 100, nowMs: 50 })).toBe(110);
});
