import { describe, expect, it } from 'vitest';

import { judgeSkew, skewOf } from '../../../../src/cli/doctor/clocks.js';

const NOW = Date.UTC(2026, 0, 15, 12);
/** A clock that shows what this machine's did in the middle of the reading, and `aheadMs` less. */
const reading = (aheadMs: number, { tookMs = 0 } = {}) => ({
  beforeMs: NOW,
  afterMs: NOW + tookMs,
  fromMs: NOW + tookMs / 2 - aheadMs,
  toMs: NOW + tookMs / 2 - aheadMs,
});

describe('the skew of a clock', () => {
  it('is above 0 when this machine is ahead, below when it is behind', () => {
    expect(skewOf(reading(7_000))).toBe(7_000);
    expect(skewOf(reading(-7_000))).toBe(-7_000);
  });

  it('is what is certain: how long the answer took, and how coarse the other clock is, is taken off', () => {
    expect(skewOf(reading(7_000, { tookMs: 2_000 }))).toBe(6_000);
    expect(skewOf(reading(-7_000, { tookMs: 2_000 }))).toBe(-6_000);
    expect(skewOf({ beforeMs: NOW, afterMs: NOW, fromMs: NOW - 999, toMs: NOW })).toBe(0);
  });

  it.each([
    [0, 'ok'],
    [5_000, 'ok'],
    [-5_000, 'ok'],
    [5_001, 'warning'],
    [-60_000, 'warning'],
    [60_001, 'failure'],
    [-3_600_000, 'failure'],
  ])('of %d ms is %s', (skewMs, state) => {
    expect(judgeSkew(reading(skewMs), "Temporal's").state).toBe(state);
  });

  it('is told with its direction, and with what to do', () => {
    expect(judgeSkew(reading(90_000), "Temporal's")).toEqual({
      state: 'failure',
      found: "this machine's clock is 1 min 30 s ahead of Temporal's",
      remedy: expect.stringContaining('timedatectl set-ntp true') as string,
    });
    expect(judgeSkew(reading(-8_000), "the API's").found).toBe("this machine's clock is 8 s behind the API's");
  });
});
